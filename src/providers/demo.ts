/**
 * The built-in demo model: needs no key and no network, and drives real tools from plain lines of
 * the user's message, so that everything but the thinking can be tried. It decides nothing.
 */
import type { Message, ToolMessage, Usage } from '../domain/message.ts'
import type { ModelEvent, ModelPort, ModelRequest } from '../domain/model.ts'
import { abortedFailure } from './failure.ts'

interface DemoCall {
  readonly name: string
  readonly arguments: unknown
}

/** The text itself when it is no JSON: the tool's schema then refuses it, as for any model. */
function parseJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const one =
  (name: string, argument: string) =>
  (rest: string): DemoCall | null =>
    rest === '' ? null : { name, arguments: { [argument]: rest } }

function write(rest: string): DemoCall | null {
  const colon = rest.indexOf(':')
  if (colon < 1) return null
  const content = rest.slice(colon + 1).replace(/^\s/, '')
  return { name: 'write_file', arguments: { path: rest.slice(0, colon).trimEnd(), content } }
}

function anyTool(rest: string): DemoCall | null {
  const name = /^\S+/.exec(rest)?.[0]
  return name === undefined
    ? null
    : { name, arguments: parseJson(rest.slice(name.length).trimStart()) }
}

const DIRECTIVES: ReadonlyMap<string, (rest: string) => DemoCall | null> = new Map([
  ['run', one('exec', 'command')],
  ['read', one('read_file', 'path')],
  ['list', one('list_files', 'path')],
  ['fetch', one('web_fetch', 'url')],
  ['write', write],
  ['tool', anyTool],
])

/** One call per line that begins with a directive; all other lines are ignored beside it. */
export function parseDirectives(text: string): readonly DemoCall[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const said = line.trim()
    const word = /^[a-z]+(?=:)/.exec(said)?.[0] ?? ''
    const call = DIRECTIVES.get(word)?.(said.slice(word.length + 1).trim())
    return call ? [call] : []
  })
}

/** A word at a time reads like a model; a long text is sent in at most this many pieces. */
const MAX_DELTAS = 200

export function toDeltas(text: string): readonly string[] {
  const words = text.match(/^\s+|\S+\s*/g) ?? []
  const perDelta = Math.max(1, Math.ceil(words.length / MAX_DELTAS))
  const deltas: string[] = []
  for (let i = 0; i < words.length; i += perDelta) {
    deltas.push(words.slice(i, i + perDelta).join(''))
  }
  return deltas
}

/** The usual rule of thumb for English. */
const CHARS_PER_TOKEN = 4
const tokens = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN)

const usageOf = (request: ModelRequest, answer: string): Usage => ({
  promptTokens:
    tokens(request.system) +
    request.messages.reduce((sum, { content }) => sum + tokens(content), 0),
  completionTokens: tokens(answer),
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
})

interface Turn {
  readonly text: string
  readonly results: readonly ToolMessage[]
  /** Differs between the steps of a session and is the same when a step is repeated. */
  readonly stamp: string
}

function lastTurn(messages: readonly Message[]): Turn {
  const index = messages.findLastIndex(({ role }) => role === 'user')
  const user = messages[index]
  return {
    text: user?.content ?? '',
    results: messages.slice(index + 1).filter((message) => message.role === 'tool'),
    stamp: `${(user?.createdAt ?? 0).toString(36)}_${messages.length}`,
  }
}

const showResult = ({ name, content, isError }: ToolMessage): string =>
  `${name} ${isError ? 'failed' : 'answered'}:\n${content}`

function reply({ text, results }: Turn): string {
  if (results.length > 0) return results.map(showResult).join('\n\n')
  return `I am the demo model of EdgeClaw: I do not think, I only repeat. You said: ${text}`
}

async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  const turn = lastTurn(request.messages)
  const calls = turn.results.length > 0 ? [] : parseDirectives(turn.text)
  const answer = calls.length > 0 ? '' : reply(turn)
  for (const delta of toDeltas(answer)) {
    if (signal.aborted) break
    yield { type: 'text', delta }
  }
  if (signal.aborted) {
    yield { type: 'error', failure: abortedFailure() }
    return
  }
  for (const [index, call] of calls.entries()) {
    yield { type: 'tool_call', id: `demo_${turn.stamp}_${index}`, ...call }
  }
  yield {
    type: 'finish',
    reason: calls.length > 0 ? 'tool_calls' : 'stop',
    usage: usageOf(request, calls.length > 0 ? JSON.stringify(calls) : answer),
  }
}

export const createDemoModel = (): ModelPort => ({ stream })
