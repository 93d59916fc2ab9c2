#!/usr/bin/env node
// A bin runs on the system's Node, which may be too old to read TypeScript: hand over to the pinned one.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = `${root}node_modules/.bin/node`
if (!existsSync(node)) {
  console.error(`edgeclaw: not installed yet; run npm ci in ${root}`)
  process.exit(1)
}
const child = spawn(node, [`${root}src/cli/main.ts`, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
