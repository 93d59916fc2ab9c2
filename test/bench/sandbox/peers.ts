/**
 * Other ways to run `true` apart from the host, each as its own command line does it. One that is not
 * installed, or does not run here, is named with the reason.
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dockerFlags } from './docker-flags.ts'
import { hardenedSpec, IMAGE, SECCOMP_FILE } from './engine-floor.ts'
import type { Subject } from './turns.ts'

/** The whole system to be seen, nothing of it to be written, no network, no other process. */
const BWRAP_FLAGS = (
  '--ro-bind / / --proc /proc --dev /dev --tmpfs /tmp ' +
  '--unshare-all --cap-drop ALL --new-session --die-with-parent --'
).split(' ')

interface Peer {
  readonly id: string
  readonly program: string
  readonly args: readonly string[]
}

const peers = (): readonly Peer[] => [
  {
    id: 'docker',
    program: 'docker',
    args: ['run', ...dockerFlags(hardenedSpec(), fileURLToPath(SECCOMP_FILE)), IMAGE],
  },
  { id: 'bwrap', program: 'bwrap', args: [...BWRAP_FLAGS, 'true'] },
  { id: 'srt', program: 'srt', args: ['true'] },
]

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const timed = (program: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(program, args, { stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(performance.now() - began)
      else reject(new Error(`${program} ends with ${code}`))
    })
  })

export interface Peers {
  readonly subjects: readonly Subject[]
  /** By id, why it takes no part. */
  readonly missing: ReadonlyMap<string, string>
}

export function findPeers(): Peers {
  const subjects: Subject[] = []
  const missing = new Map<string, string>()
  for (const { id, program, args } of peers()) {
    if (!isInstalled(program)) {
      missing.set(id, 'not here')
      continue
    }
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    const [firstLine = ''] = stderr.trim().split('\n')
    if (status === 0) subjects.push({ id, sample: () => timed(program, args) })
    else missing.set(id, `does not run here: ${firstLine.slice(0, 100)}`)
  }
  return { subjects, missing }
}
