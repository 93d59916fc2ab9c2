/**
 * `node test/bench/channels.ts`: how long a platform waits for its acknowledgement. A hundred deliveries a
 * second for a minute, repeats included, twenty of them first words of new conversations, while a model
 * takes three seconds for each answer. EDGECLAW_SECONDS sets how long.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { serveSlack, slackWorld } from '../support/channels/slack.ts'
import { deliver, eventOf, SIGNING_SECRET } from '../support/channels/slack-sender.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { openaiWire } from '../support/vendors/openai-wire.ts'

const SECONDS = Number(process.env['EDGECLAW_SECONDS'] || 60)
const PER_SECOND = 100
const NEW_PER_SECOND = 20
/** A first word comes three times, a second word twice: that makes a hundred. */
const FIRST_TIMES = 3
const SECOND_TIMES = 2
const THINKING_MS = 3_000

const people = Array.from({ length: SECONDS * NEW_PER_SECOND }, (_, i) =>
  String(i).padStart(6, '0'),
)

const vendor = createServer((incoming, response) => {
  incoming.resume()
  incoming.on('end', async () => {
    await delay(THINKING_MS)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(openaiWire.answer({ text: 'An answer of the slow model.' }).join(''))
  })
})
await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
const vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1`

const world = slackWorld({ channels: new Set(people.map((id) => `D0${id}`)) })
const slack = await serveSlack(world)
const gateway = await startGatewayProcess({ args: ['--no-runner'] })

async function api(method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

await api('PATCH', '/v1/config', {
  raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
})
await api('POST', '/v1/providers', {
  name: 'slow',
  provider_type: 'openai_compat',
  api_base: vendorUrl,
  api_key: 'none',
  allow_private_network: true,
})
await api('POST', '/v1/agents', { agent_key: 'slow', provider: 'slow', model: 'slow' })
const created = await api('POST', '/v1/channels/instances', {
  name: 'load',
  channel_type: 'slack',
  agent_id: 'slow',
  credentials: { bot_token: world.botToken, signing_secret: SIGNING_SECRET },
  config: {
    api_base_url: slack.url,
    allow_private_network: true,
    dm_policy: 'open',
    allow_from: ['*'],
    streaming: false,
  },
})
const webhook = `${gateway.url}${new URL(String(created['webhook_url'])).pathname}`

const waits: number[] = []
const statuses = new Map<number, number>()
async function post(person: string, text: string, ts: string): Promise<void> {
  const body = eventOf({ text, ts, user: `U0${person}`, channel: `D0${person}` })
  const began = performance.now()
  const status = await deliver(webhook, body).catch(() => 0)
  waits.push(performance.now() - began)
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}

const pending: Promise<void>[] = []
const began = performance.now()
let clock = 1_772_323_200
for (let n = 0; n < people.length; n++) {
  const person = people[n] ?? ''
  const earlier = people[n - NEW_PER_SECOND * 5]
  const first = `${++clock}.000100`
  const second = `${++clock}.000100`
  const posts = [
    ...Array.from({ length: FIRST_TIMES }, () => () => post(person, 'first word', first)),
    ...Array.from(
      { length: SECOND_TIMES },
      () => () => post(earlier ?? person, 'second word', second),
    ),
  ]
  for (const [i, send] of posts.entries()) {
    // Evenly over the second: a platform's deliveries do not come in bursts of five.
    const due = ((n * posts.length + i) * 1_000) / PER_SECOND
    await delay(Math.max(0, due - (performance.now() - began)))
    pending.push(send())
  }
}
await Promise.all(pending)
const tookMs = performance.now() - began
const sorted = waits.toSorted((a, b) => a - b)
const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
const answers = () => slack.calls.filter(({ path }) => path === '/chat.postMessage').length
const expected = 2 * people.length
for (let i = 0; i < 120 && answers() < expected; i++) await delay(500)
console.log(
  JSON.stringify({
    deliveries: waits.length,
    perSecond: Math.round((1_000 * waits.length) / tookMs),
    statuses: Object.fromEntries(statuses),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: sorted.at(-1)?.toFixed(1),
    answers: answers(),
    expected,
  }),
)
await gateway.stop()
await slack[Symbol.asyncDispose]()
vendor.closeAllConnections()
vendor.close()
