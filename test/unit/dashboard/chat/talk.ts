/** Events and messages of one session as the gateway words them. */
import {
  type Conversation,
  eventOf,
  hear,
  openConversation,
  release,
  type SessionEvent,
} from '../../../../src/dashboard/pages/chat/conversation.ts'
import type { Fields, Part } from '../../../../src/dashboard/pages/chat/parts.ts'

export const KEY = 'agent:main:ws:direct:c1'

export const payloadOf = (type: string, payload: Fields, runId = 'run_1', sessionKey = KEY) => ({
  type,
  agentId: 'main',
  runId,
  sessionKey,
  channel: 'ws',
  userId: 'ada',
  payload,
})

export function eventAt(seq: number, type: string, payload: Fields = {}, runId = 'run_1') {
  const event = eventOf(KEY, payloadOf(type, payload, runId), seq)
  if (event === null) throw new Error('not of this session')
  return event
}

const USAGE = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }

export const started = (seq: number, message: string, runId = 'run_1') =>
  eventAt(seq, 'run.started', { message }, runId)
export const chunk = (seq: number, content: string, runId = 'run_1') =>
  eventAt(seq, 'chunk', { content }, runId)
export const completed = (seq: number, content: string, runId = 'run_1') =>
  eventAt(seq, 'run.completed', { content, usage: USAGE }, runId)

/** A conversation of which nothing is held back. */
export const open = (): Conversation => release(openConversation(KEY), 0)

export const heard = (conversation: Conversation, ...events: readonly SessionEvent[]) =>
  events.reduce(hear, conversation)

const AT = '2026-01-01T00:00:00.000Z'

export const user = (content: string): Fields => ({ role: 'user', content, created_at: AT })
export const assistant = (content: string, ...ids: readonly string[]): Fields => ({
  role: 'assistant',
  content,
  ...(ids.length === 0
    ? {}
    : { tool_calls: ids.map((id) => ({ id, name: 'exec', arguments: { command: 'ls' } })) }),
  created_at: AT,
})
export const tool = (id: string, content: string): Fields => ({
  role: 'tool',
  content,
  tool_call_id: id,
  created_at: AT,
})

const shownPart = (part: Part): string => {
  switch (part.kind) {
    case 'tool':
      return `tool ${part.id}: ${part.result ?? '…'}`
    default:
      return `${part.kind}: ${part.text ?? '?'}`
  }
}

/** What is drawn, top to bottom. */
export const shown = ({ history, runs, outgoing }: Conversation): readonly string[] => [
  ...history.map(shownPart),
  ...runs.flatMap(({ message, parts, end }) => [
    ...(message === '' ? [] : [`user: ${message}`]),
    ...parts.map(shownPart),
    ...(end === null || end.kind === 'completed' ? [] : [end.kind]),
  ]),
  ...outgoing.map(({ text, state }) => `${state}: ${text}`),
]
