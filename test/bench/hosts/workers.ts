/**
 * Floors on the same runtime: a Worker that only forwards, one that does nothing, and an object that
 * only holds a hibernating socket. No product code.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { announce, settingsOf } from './settings.ts'

const FORWARD = (upstream: string) => `
export default {
  fetch: (request) => fetch(${JSON.stringify(upstream)} + '/chat/completions', {
    method: 'POST', headers: request.headers, body: request.body,
  }),
}`

const EMPTY = `export default { fetch: () => new Response('ok') }`

const HIBERNATING = `
import { DurableObject } from 'cloudflare:workers'
export class Idle extends DurableObject {
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair())
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }
  async webSocketMessage(socket, message) {
    this.ctx.storage.kv.put('last', message)
    socket.send(message)
  }
}
export default {
  fetch: (request, env) => env.IDLE.getByName(new URL(request.url).pathname).fetch(request),
}`

export type Floor = 'forward' | 'empty' | 'hibernating'

const { floor, upstream = '' } = settingsOf<{ floor: Floor; upstream?: string }>()
const SCRIPTS = { forward: FORWARD(upstream), empty: EMPTY, hibernating: HIBERNATING }

const began = performance.now()
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
    workers: [
      {
        name: 'floor',
        compatibilityDate: '2026-10-01',
        modules: [{ type: 'ESModule', path: 'worker.js', contents: SCRIPTS[floor] }],
        ...(floor === 'hibernating'
          ? { durableObjects: { IDLE: { className: 'Idle', useSQLite: true } } }
          : {}),
      },
    ],
  }),
)
const url = await miniflare.ready
const readyMs = performance.now() - began
announce({ url: url.href.replace(/\/$/, ''), readyMs }, () => miniflare.dispose())
