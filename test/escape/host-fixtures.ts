/**
 * What there is to reach outside of the sandbox: listeners and a file on the host, and a neighbour's
 * container. Without them an attempt would fail for want of a goal, and prove nothing.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { containerSpec, randomUids } from '../../sandbox-runner/src/launcher/container.ts'
import type { Engine } from '../../sandbox-runner/src/launcher/engine.ts'

export interface HostFixtures {
  /** With the file and a socket named as an engine's. */
  readonly folder: string
  readonly engineData: string
  /** A block device. */
  readonly disk: string
  /** Id of the other container. */
  readonly neighbour: string
  /** Who its program runs as. */
  readonly neighbourUser: string
  /** What the probes are told, as environment of their job. */
  readonly env: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

export const FIXTURE_LABEL = 'edgeclaw.escape'

const NEIGHBOUR = `
import ctypes, time
ctypes.CDLL(None).shmget(4242, 4096, 0o1644)
print('ready', flush=True)
time.sleep(600)`

const listen = (server: Server, where: ListenOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, resolve)
  })

async function startNeighbour(engine: Engine, image: string, seccomp: string) {
  const limits = { memoryMb: 64, cpus: 1, pids: 32, timeoutMs: 300_000, outputBytes: 1_024 }
  const labels = { [FIXTURE_LABEL]: 'neighbour' }
  const uids = randomUids()
  const spec = containerSpec({ image, uids, limits, seccomp, runtime: null, labels })
  const id = await engine.createContainer(`edgeclaw-escape-${randomBytes(9).toString('hex')}`, {
    ...spec,
    HostConfig: { ...spec.HostConfig, IpcMode: 'shareable' },
  })
  await engine.startContainer(id)
  const exec = await engine.createExec(id, {
    User: `${uids.job}:${uids.job}`,
    Env: ['NEIGHBOUR_SECRET=of another tenant'],
    Cmd: ['/usr/bin/python3', '-c', NEIGHBOUR, 'neighbour-at-work'],
    AttachStdout: true,
  })
  const { socket } = await engine.attachExec(exec)
  await new Promise((resolve) => socket.once('data', resolve))
  return { id, user: `${uids.job}:${uids.job}`, socket: socket as Duplex }
}

/** One that root may open at all: some machines keep their own disk from everybody. */
const blockDevice = (): string => {
  const paths = readdirSync('/sys/block').map((name) => `/dev/${name}`)
  const isOpen = (path: string): boolean => {
    try {
      closeSync(openSync(path, 'r'))
      return true
    } catch {
      return false
    }
  }
  return paths.find(isOpen) ?? '/dev/loop0'
}

export async function makeHostFixtures(
  engine: Engine,
  image: string,
  seccomp: string,
): Promise<HostFixtures> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-escape-'))
  chmodSync(folder, 0o755)
  const file = join(folder, 'host-file')
  writeFileSync(file, 'of the host', { mode: 0o644 })
  const servers = [0, 1, 2].map(() =>
    createServer((socket) => socket.on('error', () => {}).end('hello\n')),
  )
  const [tcp, abstract, engineSocket] = servers as [Server, Server, Server]
  const abstractName = `edgeclaw-escape-${randomBytes(6).toString('hex')}`
  const socketPath = join(folder, 'docker.sock')
  await Promise.all([
    listen(tcp, { host: '127.0.0.1', port: 0 }),
    listen(abstract, { path: `\0${abstractName}` }),
    listen(engineSocket, { path: socketPath }),
  ])
  chmodSync(socketPath, 0o777)
  const udp = createSocket('udp4')
  udp.on('message', (message, from) => udp.send(message, from.port, from.address))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const address = tcp.address()
  const neighbour = await startNeighbour(engine, image, seccomp)
  const info = await engine.info()
  return {
    folder,
    engineData: String(info['DockerRootDir']),
    disk: blockDevice(),
    neighbour: neighbour.id,
    neighbourUser: neighbour.user,
    env: {
      HOST_FILE: file,
      HOST_PORT: String(typeof address === 'object' && address !== null ? address.port : 0),
      HOST_UDP_PORT: String(udp.address().port),
      HOST_ABSTRACT: abstractName,
    },
    close: async () => {
      neighbour.socket.destroy()
      udp.close()
      for (const server of servers) server.close()
      rmSync(folder, { recursive: true, force: true })
      await engine.removeContainer(neighbour.id)
    },
  }
}
