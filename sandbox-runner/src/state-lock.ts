/**
 * One runner per state folder: a second one would remove the first one's containers as left-overs. Held
 * by listening on a socket that ends with the process, however it ends, so no lock is ever stale.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Abstract where Linux has such names; elsewhere a file, which a killed process leaves behind. */
const lockName = (owner: string): string =>
  process.platform === 'linux'
    ? `\0edgeclaw-runner-${owner}`
    : join(tmpdir(), `edgeclaw-runner-${owner.slice(0, 12)}.lock`)

const listen = (name: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(name, () => resolve(server.unref()))
  })

const isHeld = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(name, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Rejects with a sentence when another runner has the folder. */
export async function lockState(owner: string, folder: string): Promise<Server> {
  const name = lockName(owner)
  return listen(name).catch(async () => {
    if (await isHeld(name)) {
      throw new Error(
        `the sandbox-runner cannot start: another one uses ${folder}; give each an EDGECLAW_RUNNER_STATE of its own`,
      )
    }
    if (!name.startsWith('\0')) rmSync(name, { force: true })
    return listen(name)
  })
}
