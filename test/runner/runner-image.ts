/**
 * The runner's own image, made by its own Dockerfile, only from another base: the sandbox image with
 * this machine's node, as no registry has to be reachable for it.
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_SANDBOX_IMAGE } from '../../sandbox-runner/src/launcher/settings.ts'
import { NODE } from './runner-process.ts'

const inRunner = (path: string): string =>
  fileURLToPath(new URL(`../../sandbox-runner/${path}`, import.meta.url))

export function buildRunnerImage(name: string): void {
  const context = mkdtempSync(join(tmpdir(), 'edgeclaw-test-image-'))
  try {
    execFileSync(NODE, [inRunner('bundle.ts'), join(context, 'sandbox-runner/dist')])
    copyFileSync(realpathSync(NODE), join(context, 'node'))
    const original = readFileSync(inRunner('Dockerfile'), 'utf8')
    const base = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE
    const ours = original.replace(/^FROM node:.*$/m, `FROM ${base}\nCOPY node /usr/local/bin/node`)
    if (ours === original) throw new Error('the Dockerfile has no base image to replace')
    writeFileSync(join(context, 'Dockerfile'), ours)
    execFileSync('docker', ['build', '--network', 'none', '--tag', name, context], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}
