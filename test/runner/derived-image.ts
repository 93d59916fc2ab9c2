/** The sandbox image with a few programs more, as an operator would make it; nothing is run for it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DEFAULT_SANDBOX_IMAGE } from '../../sandbox-runner/src/launcher/settings.ts'
import { sha256 } from './runner-process.ts'

const BASE = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE
const docker = (...args: readonly string[]): string =>
  execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()

const vendorPath = (name: string): string =>
  fileURLToPath(new URL(`./vendors/${name}`, import.meta.url))

/** Of `vendors/`, each under /usr/local/bin; answers the image's name. */
export function imageWith(names: readonly string[]): string {
  const content = names.map((name) => readFileSync(vendorPath(name), 'utf8'))
  const image = `edgeclaw-sandbox-test:${sha256(JSON.stringify([names, content])).slice(0, 12)}`
  const container = docker('create', '--network', 'none', BASE, '/bin/true')
  try {
    for (const name of names) docker('cp', vendorPath(name), `${container}:/usr/local/bin/${name}`)
    docker('commit', container, image)
  } finally {
    docker('rm', container)
  }
  return image
}

export const removeImage = (image: string): void => void docker('rmi', image)
