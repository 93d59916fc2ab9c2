/**
 * The Docker engine as `npm start` needs to know it: does one answer, and has it the image. It
 * starts nothing and changes nothing; containers are the sandbox-runner's business.
 */
import { request } from 'node:http'

const DEFAULT_SOCKET = 'unix:///var/run/docker.sock'
/** An engine on this machine answers a ping in milliseconds; one that hangs must not delay `ready`. */
const ENGINE_TIMEOUT_MS = 1_000

type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number }

/** The forms of DOCKER_HOST that speak plain HTTP; null for any other (ssh, npipe). */
export function parseDockerHost(dockerHost: string): Address | null {
  const unix = /^unix:\/\/(\/.+)$/.exec(dockerHost)
  if (unix?.[1]) return { socketPath: unix[1] }
  const tcp = /^(?:tcp|http):\/\/(\[[0-9a-f:]+\]|[^:/]+)(?::(\d+))?\/?$/i.exec(dockerHost)
  if (tcp?.[1]) return { host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2] ?? 2375) }
  return null
}

function get(address: Address, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, path, method: 'GET' }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    outgoing.setTimeout(ENGINE_TIMEOUT_MS, () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

export interface Engine {
  readonly dockerHost: string
  hasImage(name: string): Promise<boolean>
}

export type EngineSearch =
  | { readonly kind: 'found'; readonly engine: Engine }
  | { readonly kind: 'missing'; readonly reason: string }

export async function findEngine(
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineSearch> {
  const dockerHost = env['DOCKER_HOST'] || DEFAULT_SOCKET
  const address = parseDockerHost(dockerHost)
  if (address === null) {
    return {
      kind: 'missing',
      reason: `DOCKER_HOST ${dockerHost} is not a unix:// or tcp:// address`,
    }
  }
  try {
    const { status } = await get(address, '/_ping')
    if (status !== 200) {
      return { kind: 'missing', reason: `the Docker engine at ${dockerHost} answers ${status}` }
    }
  } catch {
    return { kind: 'missing', reason: `no Docker engine answers at ${dockerHost}` }
  }
  const engine: Engine = {
    dockerHost,
    async hasImage(name) {
      const { status } = await get(address, `/images/${encodeURIComponent(name)}/json`)
      return status === 200
    },
  }
  return { kind: 'found', engine }
}
