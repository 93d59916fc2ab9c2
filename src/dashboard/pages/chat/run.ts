/** One run as its events tell it, step by step. Pure: events in, the run's new state out. */
import { objectOf, textOf } from '../../client/json.ts'
import type { Fields, Part } from './parts.ts'

export interface RunUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number | null
  readonly model: string | null
}

export type RunEnd =
  | { readonly kind: 'completed'; readonly content: string; readonly usage: RunUsage }
  | { readonly kind: 'failed'; readonly error: string; readonly code: string }
  | { readonly kind: 'cancelled' }

export interface Run {
  readonly id: string
  /** Of a run that the gateway or another agent began: `cron`, `subagent`. */
  readonly origin: string | null
  /** What began it; empty where only room was made. */
  readonly message: string
  readonly parts: readonly Part[]
  /** What it is at, while it goes on. */
  readonly activity: string | null
  readonly end: RunEnd | null
  /** Something of it is known to be missing here: the history has it. */
  readonly isPatchy: boolean
  /** How many keys were given to its texts. */
  readonly named: number
}

/** Longer results are cut on the wire. */
export const MAX_EVENT_RESULT_CHARS = 1_000

export const beginRun = (id: string, message: string, origin: string | null): Run => ({
  id,
  origin,
  message,
  parts: [],
  activity: 'Starting',
  end: null,
  isPatchy: false,
  named: 0,
})

export const textKeyOf = (runId: string, nth: number): string => `${runId}:${nth}`

type Unnamed<Each> = Each extends Part ? Omit<Each, 'key'> : never

function add(run: Run, part: Unnamed<Exclude<Part, { kind: 'tool' }>>): Run {
  const key = part.kind === 'note' ? `${run.id}:note:${run.parts.length}` : ''
  if (part.kind === 'note') return { ...run, parts: [...run.parts, { ...part, key }] }
  return {
    ...run,
    named: run.named + 1,
    parts: [...run.parts, { ...part, key: textKeyOf(run.id, run.named) }],
  }
}

const note = (run: Run, text: string): Run => add(run, { kind: 'note', text })

function append(run: Run, kind: 'text' | 'thinking', content: string): Run {
  const last = run.parts.at(-1)
  if (last?.kind !== kind) return add(run, { kind, text: content, at: null })
  const parts = run.parts.with(-1, { ...last, text: last.text + content })
  return { ...run, parts }
}

/** Somebody's words went into the run. */
export const injectInto = (run: Run, text: string | null): Run => ({
  ...add(run, { kind: 'user', text, at: null }),
  isPatchy: run.isPatchy || text === null,
})

function callTool(run: Run, { id, name, arguments: args }: Fields): Run {
  const isKnown = run.parts.some((part) => part.kind === 'tool' && part.id === id)
  if (isKnown) return run
  const part: Part = {
    kind: 'tool',
    key: `tool:${textOf(id)}`,
    id: textOf(id),
    name: textOf(name),
    arguments: args,
    result: null,
    isError: false,
    isCut: false,
  }
  return { ...run, parts: [...run.parts, part] }
}

function answerTool(run: Run, payload: Fields): Run {
  const called = callTool(run, payload)
  const result = textOf(payload['result'])
  const isCut = result.length >= MAX_EVENT_RESULT_CHARS - 1
  return {
    ...called,
    isPatchy: called.isPatchy || isCut,
    parts: called.parts.map((part) =>
      part.kind === 'tool' && part.id === payload['id']
        ? { ...part, result, isError: payload['is_error'] === true, isCut }
        : part,
    ),
  }
}

const ACTIVITIES: Readonly<Record<string, string>> = {
  thinking: 'Thinking',
  tool_exec: 'Using a tool',
  tool_slow: 'A tool takes its time',
  approval_wait: 'Waiting for an approval',
  compacting: 'Summarising older messages',
}

function be(run: Run, detail: Fields): Run {
  const phase = textOf(detail['phase'])
  const busy = { ...run, activity: ACTIVITIES[phase] ?? run.activity }
  if (phase === 'compacting') return note(busy, 'Older messages are summarised for the model.')
  if (phase !== 'fallback') return busy
  const model = [detail['provider'], detail['model']].map(textOf).filter(Boolean).join('/')
  return note(busy, `Another model is asked: ${model}`)
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

function usageOf({ usage, models, cost_usd: cost }: Fields): RunUsage {
  const { prompt_tokens, completion_tokens } = objectOf(usage)
  const last = objectOf(Array.isArray(models) ? models.at(-1) : undefined)
  const model = [last['provider'], last['model']].map(textOf).filter(Boolean).join('/')
  return {
    inputTokens: number(prompt_tokens),
    outputTokens: number(completion_tokens),
    costUsd: typeof cost === 'number' ? cost : null,
    model: model || null,
  }
}

/** The end holds the whole answer: what was lost of its pieces on the way is made good by it. */
function complete(run: Run, payload: Fields): Run {
  const content = textOf(payload['content'])
  const thinking = textOf(payload['thinking'])
  const end: RunEnd = { kind: 'completed', content, usage: usageOf(payload) }
  const ended = { ...run, activity: null, end }
  const last = run.parts.findLastIndex(({ kind }) => kind === 'tool' || kind === 'user')
  const tail = run.parts.slice(last + 1)
  const said = tail.flatMap((part) => (part.kind === 'text' ? [part] : []))
  if (said.map(({ text }) => text).join('') === content) return ended
  const before = run.parts.filter((part, index) => index <= last || part.kind !== 'text')
  const isThought = thinking === '' || tail.some(({ kind }) => kind === 'thinking')
  const kept = { ...ended, parts: before }
  const thought = isThought ? kept : add(kept, { kind: 'thinking', text: thinking, at: null })
  if (content === '') return thought
  const key = said[0]?.key
  if (key === undefined) return add(thought, { kind: 'text', text: content, at: null })
  return { ...thought, parts: [...thought.parts, { kind: 'text', key, text: content, at: null }] }
}

/** The model call starts over: what was said by the one that was cut is said again. */
function withoutCutStep(run: Run): Run {
  const last = run.parts.findLastIndex(({ kind }) => kind === 'tool' || kind === 'user')
  const parts = run.parts.filter(({ kind }, index) => index <= last || kind === 'note')
  return { ...run, parts, named: run.named - (run.parts.length - parts.length) }
}

/** The run after one more of its events. */
export function stepRun(run: Run, type: string, payload: Fields): Run {
  switch (type) {
    case 'thinking':
      return append(run, 'thinking', textOf(payload['content']))
    case 'chunk':
      return append({ ...run, activity: 'Writing' }, 'text', textOf(payload['content']))
    case 'tool.call':
      return { ...callTool(run, payload), activity: `Using ${textOf(payload['name'])}` }
    case 'tool.result':
      return answerTool({ ...run, activity: 'Thinking' }, payload)
    case 'activity':
      return be(run, payload)
    case 'run.retrying':
      return note(
        { ...withoutCutStep(run), activity: 'Trying again' },
        `The model’s answer was cut off, and it is asked again (attempt ${number(payload['attempt'])}).`,
      )
    case 'run.completed':
      return complete(run, payload)
    case 'run.failed': {
      const end: RunEnd = {
        kind: 'failed',
        error: textOf(payload['error']),
        code: textOf(payload['code']),
      }
      return { ...run, activity: null, end }
    }
    case 'run.cancelled':
      return { ...run, activity: null, end: { kind: 'cancelled' } }
    default:
      return run
  }
}
