/**
 * One question to one hook: signed, over the guarded way, once, with nothing followed and little taken
 * in. What it says is cut and cleaned here; whether it counts is decided by the chain.
 */
import { z } from 'zod'
import type { Services } from '../../api/context.ts'
import { openRunHookSecret } from '../../crypto/run-hook-secret.ts'
import { isWebhookSecret, signWebhook } from '../../crypto/standard-webhook.ts'
import type { TenantId } from '../../domain/ids.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { RunHook, RunHookEvent } from '../../domain/run-hook.ts'
import { EgressError } from '../../egress/refusal.ts'
import { neutralise } from '../../output/mark-untrusted.ts'
import type { SecretDictionary } from '../../output/secret-dictionary.ts'
import { cleanText } from '../../tools/mcp/text.ts'
import type { Settings } from '../env.ts'
import { guardedWay } from '../guarded-way.ts'

export const HOOK_TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 64 * 1024
const MAX_REASON_CHARS = 500
const MAX_CONTEXT_CHARS = 8_000

const answerSchema = z.object({
  decision: z.enum(['allow', 'block']),
  reason: z.string().optional(),
  context: z.string().optional(),
})

export interface HookAnswer {
  readonly isBlocked: boolean
  /** One line; may be empty. */
  readonly reason: string
  /** Not yet marked: whoever hands it to a model does. */
  readonly context: string
}

export interface HookFailure {
  readonly kind:
    | 'unreachable'
    | 'refused'
    | 'timeout'
    | 'too_large'
    | 'status'
    | 'answer'
    | 'secret'
  /** For an admin; names no address, and nothing that the other side said. */
  readonly message: string
  /** Which check of the guard it was. */
  readonly refusal?: string
}

export interface HookCallParts {
  /** Null where the platform's settings are not at hand: then nothing is reached. */
  readonly settings: Settings | null
  readonly tenantId: TenantId
  readonly services: Pick<Services, 'keyRing' | 'now'>
  readonly dictionary: Pick<SecretDictionary, 'register'>
}

export interface HookMessage {
  readonly event: RunHookEvent
  /** The same for the same question, however often it is asked. */
  readonly id: string
  readonly body: string
}

const failure = (kind: HookFailure['kind'], message: string): Result<never, HookFailure> =>
  err({ kind, message })

const neutral = (text: string): string => neutralise(text).text
const LINE_ENDS = /[\s\u0085\u2028\u2029]+/g

function failureOf(error: unknown): HookFailure {
  if (!(error instanceof EgressError)) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    return isLate
      ? { kind: 'timeout', message: 'it did not answer in time' }
      : { kind: 'unreachable', message: 'it could not be reached' }
  }
  const { kind, message } = error.refusal
  if (kind === 'timeout' || kind === 'too_large') return { kind, message }
  if (kind === 'unresolvable') return { kind: 'unreachable', message }
  return { kind: 'refused', message, refusal: kind }
}

async function secretOf(parts: HookCallParts, hook: RunHook): Promise<string | null> {
  const { settings, tenantId, services, dictionary } = parts
  if (settings === null || hook.sealedSecret === null) return null
  const { acceptPlaintext } = settings
  const { keyRing } = services
  const opened = await openRunHookSecret(keyRing, tenantId, hook.id, hook.sealedSecret, {
    acceptPlaintext,
  })
  if (!opened.ok || !isWebhookSecret(opened.value.text)) return null
  // What follows the prefix opens as much as the whole.
  dictionary.register(opened.value.text)
  dictionary.register(opened.value.text.slice(opened.value.text.indexOf('_') + 1))
  return opened.value.text
}

function readAnswer(text: string): Result<HookAnswer, HookFailure> {
  const wrong = failure('answer', 'its answer is not of the form that was asked for')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return wrong
  }
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) return wrong
  const { decision, reason = '', context = '' } = parsed.data
  return ok({
    isBlocked: decision === 'block',
    reason: cleanText(reason, neutral).replaceAll(LINE_ENDS, ' ').trim().slice(0, MAX_REASON_CHARS),
    context: context.trim().slice(0, MAX_CONTEXT_CHARS).toWellFormed(),
  })
}

export async function callHook(
  hook: RunHook,
  message: HookMessage,
  parts: HookCallParts,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal | null },
): Promise<Result<HookAnswer, HookFailure>> {
  const { settings, tenantId, services } = parts
  if (settings === null) return failure('unreachable', 'there is no way out from here')
  const secret = await secretOf(parts, hook)
  if (secret === null) return failure('secret', 'it has no signing secret; an admin must set one')
  const { allowPrivateNetwork, url } = hook
  for (const value of new URL(url).searchParams.values()) parts.dictionary.register(value)
  const { timeoutMs } = options
  const way = guardedWay(
    { settings, tenantId, now: services.now, purpose: 'hook' },
    { allowPrivateNetwork, maxBytes: MAX_ANSWER_BYTES, timeoutMs, isStreamed: false },
  )
  const seconds = Math.floor(services.now() / 1_000)
  const { id, body, event } = message
  // The way's own time covers the body as well; this one covers what the way does not listen to.
  const late = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === null ? late : AbortSignal.any([options.signal, late])
  try {
    const response = await way.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(await signWebhook(secret, { id, seconds, body })),
      },
      body,
      signal,
    })
    const text = await response.text()
    if (!response.ok) return failure('status', `it answered with status ${response.status}`)
    // Of what is over nothing is asked.
    return event === 'stop' ? ok({ isBlocked: false, reason: '', context: '' }) : readAnswer(text)
  } catch (error) {
    return err(failureOf(error))
  }
}
