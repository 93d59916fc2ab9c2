/**
 * An answer to whoever called a hook: POST with the signature of Standard Webhooks. The same answer has
 * the same `webhook-id` however often it is sent, so that its receiver may drop a repeat.
 */
import { sha256Hex } from '../../crypto/digest.ts'
import { utf8 } from '../../crypto/encoding.ts'
import { signWebhook } from '../../crypto/standard-webhook.ts'
import type { Fetch } from '../../domain/model.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { callApi } from '../api-call.ts'
import type { SendFailure, SentMessage } from '../platform.ts'

/** After the first attempt, each counted from the one before it. */
export const CALLBACK_RETRY_MS: readonly number[] = [
  30_000,
  2 * 60_000,
  10 * 60_000,
  60 * 60_000,
  6 * 60 * 60_000,
]

const GONE = 410

export interface Callback {
  readonly url: string
  /** `whsec_…` */
  readonly secret: string
  readonly hook: string
  /** Of the call that is answered. */
  readonly delivery: string
  readonly text: string
  readonly nowMs: number
}

export async function sendCallback(
  fetch: Fetch,
  { url, secret, hook, delivery, text, nowMs }: Callback,
): Promise<Result<SentMessage, SendFailure>> {
  const id = `msg_${(await sha256Hex(JSON.stringify([hook, delivery, text]))).slice(0, 32)}`
  const timestamp = new Date(nowMs).toISOString()
  const data = { hook, delivery_id: delivery, text }
  const body = JSON.stringify({ type: 'hook.answered', timestamp, data })
  const seconds = Math.floor(nowMs / 1_000)
  const signature = await signWebhook(secret, { id, seconds, body })
  const headers = { 'content-type': 'application/json', ...signature }
  const sent = await callApi(fetch, { url, headers, body: utf8(body) })
  if (!sent.ok) return err(repeatable(sent.error))
  const { status } = sent.value
  if (status >= 200 && status < 300) return ok({ messageId: id })
  if (status === GONE) return err({ kind: 'refused', reason: 'the receiver wants no more of it' })
  return err({ kind: 'unavailable', reason: `the receiver answered ${status}` })
}

/** What may have arrived already may arrive again: it is the same message by its id. */
const repeatable = (failure: SendFailure): SendFailure =>
  failure.kind === 'unknown' ? { kind: 'unavailable', reason: failure.reason } : failure
