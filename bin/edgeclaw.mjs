#!/usr/bin/env node
// A bin runs on the system's Node, which may be too old to read TypeScript: hand over to the pinned one.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const child = spawn(
  `${root}node_modules/.bin/node`,
  [`${root}src/cli/main.ts`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
