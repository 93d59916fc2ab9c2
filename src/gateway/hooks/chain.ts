/**
 * Asks the hooks of one point of a run, one after the other in the order of their names, within the
 * time that all of them have together. The first that blocks ends it; nothing here ever gives a right.
 */
import { canonicalHash } from '../../crypto/canonical-json.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import { err, type Result } from '../../domain/result.ts'
import { failsClosed, type RunHook, type RunHookEvent } from '../../domain/run-hook.ts'
import { securityEvent } from '../../domain/security-event.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { Report } from '../emit.ts'
import { HookBreaker } from './breaker.ts'
import {
  callHook,
  HOOK_TIMEOUT_MS,
  type HookAnswer,
  type HookCallParts,
  type HookFailure,
} from './call-hook.ts'

export const CHAIN_TIMEOUT_MS = 10_000
const ID_CHARS = 40

export interface ChainParts extends HookCallParts {
  readonly snapshot: Pick<TenantSnapshot, 'stops'>
  readonly report: Report
  readonly signal: AbortSignal | null
  /** Of the isolate; tests bring their own. */
  readonly breaker?: HookBreaker
}

export interface HookQuestion {
  readonly event: RunHookEvent
  /** What makes this point of this run the only one of its kind. */
  readonly key: string
  /** Without secrets: it leaves for an address outside. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface Blocked {
  readonly hook: string
  /** As the hook said it, cleaned; empty when it said none, or could not be asked. */
  readonly reason: string
  readonly isFailure: boolean
}

export interface Verdict {
  readonly blocked: Blocked | null
  /** What the hooks said, in their order; to be marked. */
  readonly contexts: readonly string[]
}

const BREAKER = new HookBreaker()

export const messageIdOf = async (
  { tenantId }: Pick<HookCallParts, 'tenantId'>,
  hook: Pick<RunHook, 'id'>,
  { event, key }: Pick<HookQuestion, 'event' | 'key'>,
): Promise<string> =>
  `msg_${(await canonicalHash([tenantId, hook.id, event, key])).slice(0, ID_CHARS)}`

export const bodyOf = ({ event, data }: Omit<HookQuestion, 'key'>, now: number): string =>
  JSON.stringify({ type: event, timestamp: new Date(now).toISOString(), data })

export async function askHooks(
  hooks: readonly RunHook[],
  question: HookQuestion,
  parts: ChainParts,
): Promise<Verdict> {
  const { services, report } = parts
  const deadline = services.now() + CHAIN_TIMEOUT_MS
  const body = bodyOf(question, services.now())
  const contexts: string[] = []
  for (const hook of hooks) {
    const timeoutMs = Math.min(HOOK_TIMEOUT_MS, deadline - services.now())
    const answered = await ask(hook, question, body, timeoutMs, parts)
    const fields = { hook: hook.name, event: question.event }
    if (answered.ok) {
      const { isBlocked, reason, context } = answered.value
      if (isBlocked) {
        report(securityEvent('hook_blocked', fields))
        return { blocked: { hook: hook.name, reason, isFailure: false }, contexts }
      }
      if (context !== '') contexts.push(context)
      continue
    }
    const isClosed = failsClosed(hook, question.event)
    const { kind, refusal } = answered.error
    report(securityEvent('hook_failed', { ...fields, reason: kind, blocked: isClosed }))
    if (refusal !== undefined) {
      const scheme = hook.url.startsWith('https:') ? 'https' : 'http'
      report(securityEvent('ssrf_blocked', { refusal, scheme }))
    }
    if (isClosed) return { blocked: { hook: hook.name, reason: '', isFailure: true }, contexts }
  }
  return { blocked: null, contexts }
}

type ChainFailure = Omit<HookFailure, 'kind'> & {
  readonly kind: HookFailure['kind'] | 'stopped' | 'breaker' | 'out_of_time'
}

async function ask(
  hook: RunHook,
  question: HookQuestion,
  body: string,
  timeoutMs: number,
  parts: ChainParts,
): Promise<Result<HookAnswer, ChainFailure>> {
  const { services, signal, breaker = BREAKER } = parts
  if (stopOfNetwork(parts.snapshot.stops) !== null) return err({ kind: 'stopped', message: '' })
  if (timeoutMs <= 0) return err({ kind: 'out_of_time', message: '' })
  const key = `${hook.id}/${hook.revision}`
  if (!breaker.admits(key, services.now())) return err({ kind: 'breaker', message: '' })
  const { event } = question
  const id = await messageIdOf(parts, hook, question)
  const answered = await callHook(hook, { event, id, body }, parts, { timeoutMs, signal })
  // A run that was cancelled says nothing about the hook.
  if (answered.ok) breaker.succeeded(key)
  else if (!signal?.aborted) breaker.failed(key, services.now())
  return answered
}
