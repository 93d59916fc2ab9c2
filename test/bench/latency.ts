/**
 * Added latency of a chat completion: what a gateway costs over asking the vendor directly. All
 * subjects take turns in one run, so that whatever the machine does meanwhile falls on all of them.
 */
import { type HttpClient, openHttpClient } from './http-client.ts'
import { type Summary, summarize } from './statistics.ts'
import { type BenchTenant, TALKER } from './tenant.ts'

export interface Subject {
  readonly name: string
  readonly url: string
  readonly model: string
  readonly headers: Readonly<Record<string, string>>
  readonly varying?: () => Readonly<Record<string, string>>
}

export interface Latency {
  readonly subject: string
  readonly whole: Summary
  readonly firstToken: Summary
}

/** A conversation of this many turns is still a short one; then the next begins. */
const TURNS_PER_SESSION = 20

/** A named session that goes on, as a chat window does; a new one every few turns. */
export function sessionHeader(
  agent: string,
  prefix: string,
): () => Readonly<Record<string, string>> {
  let turn = 0
  return () => {
    const session = Math.floor(turn++ / TURNS_PER_SESSION)
    return { 'x-edgeclaw-session-key': `agent:${agent}:ws:direct:${prefix}-${session}` }
  }
}

export function gatewaySubjects(label: string, tenant: BenchTenant): readonly Subject[] {
  const common = {
    url: `${tenant.url}/v1/chat/completions`,
    model: TALKER,
    headers: { authorization: `Bearer ${tenant.apiKey}` },
  }
  return [
    { ...common, name: `${label} stateless` },
    { ...common, name: `${label} journalled`, varying: sessionHeader(TALKER, 'latency') },
  ]
}

export function portkeySubject(url: string, upstream: string): Subject {
  return {
    name: 'Portkey gateway',
    url: `${url}/v1/chat/completions`,
    model: 'local',
    headers: {
      authorization: 'Bearer sk-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstream,
    },
  }
}

interface Turns {
  readonly subject: string
  readonly whole: HttpClient
  readonly stream: HttpClient
  readonly wholeMs: number[]
  readonly firstTokenMs: number[]
}

function openTurns({ name, model, ...question }: Subject): Turns {
  const messages = [
    { role: 'system', content: 'You are brief.' },
    { role: 'user', content: 'Say hello.' },
  ]
  const ask = (stream: boolean): HttpClient =>
    openHttpClient({ ...question, body: { model, messages, stream } })
  return { subject: name, whole: ask(false), stream: ask(true), wholeMs: [], firstTokenMs: [] }
}

export interface Rounds {
  readonly warmUp: number
  readonly measured: number
}

export async function measureLatency(
  subjects: readonly Subject[],
  { warmUp, measured }: Rounds,
): Promise<readonly Latency[]> {
  const all = subjects.map(openTurns)
  for (let round = -warmUp; round < measured; round++) {
    for (const turns of all) {
      const whole = await turns.whole.ask()
      const stream = await turns.stream.ask()
      if (round < 0) continue
      turns.wholeMs.push(whole.totalMs)
      turns.firstTokenMs.push(stream.firstTokenMs)
    }
  }
  for (const { whole, stream } of all) {
    whole.close()
    stream.close()
  }
  return all.map(({ subject, wholeMs, firstTokenMs }) => ({
    subject,
    whole: summarize(wholeMs),
    firstToken: summarize(firstTokenMs),
  }))
}
