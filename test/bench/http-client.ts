/**
 * One keep-alive connection that asks one thing at a time. What is sent is made once, and an answer
 * is only searched for its first token: what is measured is the server, not its client.
 */
import { Agent, type RequestOptions, request } from 'node:http'

export interface Timing {
  /** Until the answer's first word; its end, when it has none of its own. */
  readonly firstTokenMs: number
  readonly totalMs: number
}

export interface HttpClient {
  /** @throws when the answer is no 200 */
  ask(): Promise<Timing>
  close(): void
}

export interface HttpQuestion {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Headers that differ from request to request. */
  readonly varying?: () => Readonly<Record<string, string>>
}

/** A delta that says something; the first ones only name the role. */
const FIRST_TOKEN = '"content":"'
const QUOTE = 0x22

function holdsToken(bytes: Buffer): boolean {
  let at = bytes.indexOf(FIRST_TOKEN)
  while (at !== -1) {
    const next = bytes[at + FIRST_TOKEN.length]
    if (next !== undefined && next !== QUOTE) return true
    at = bytes.indexOf(FIRST_TOKEN, at + 1)
  }
  return false
}

export function openHttpClient({ url, method, headers, body, varying }: HttpQuestion): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { hostname, port, pathname } = new URL(url)
  const payload = body === undefined ? null : Buffer.from(JSON.stringify(body))
  const fixed = {
    ...headers,
    ...(payload === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(payload.byteLength) }),
  }
  const base: RequestOptions = {
    agent,
    hostname,
    port,
    path: pathname,
    method: method ?? (payload === null ? 'GET' : 'POST'),
    headers: fixed,
  }
  const ask = (): Promise<Timing> =>
    new Promise((resolve, reject) => {
      const options = varying ? { ...base, headers: { ...fixed, ...varying() } } : base
      const began = performance.now()
      const sent = request(options, (response) => {
        let firstTokenMs = 0
        const kept: Buffer[] = []
        response.on('data', (part: Buffer) => {
          if (firstTokenMs === 0 && holdsToken(part)) firstTokenMs = performance.now() - began
          if (response.statusCode !== 200) kept.push(part)
        })
        response.on('error', reject)
        response.on('end', () => {
          const totalMs = performance.now() - began
          if (response.statusCode === 200) {
            resolve({ firstTokenMs: firstTokenMs || totalMs, totalMs })
            return
          }
          const told = Buffer.concat(kept).toString('utf8').slice(0, 500)
          reject(new Error(`${url} answered ${response.statusCode}: ${told}`))
        })
      })
      sent.on('error', reject)
      sent.end(payload ?? undefined)
    })
  return { ask, close: () => agent.destroy() }
}
