/** What the error codes of the Cloud API mean (Meta: Cloud API, Error codes). */
import { z } from 'zod'
import type { ApiAnswer } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

const errorSchema = z.object({ error: z.object({ code: z.number() }) })

const REASONS: Readonly<Record<number, string>> = {
  10: 'the access token may not send for this number',
  190: 'the access token is void or has run out',
  131005: 'the access token may not send for this number',
  131026: 'this number cannot be reached on WhatsApp',
  131031: 'the business account is locked',
  131047: 'more than 24 hours have passed since this person wrote: WhatsApp takes templates only',
  131051: 'WhatsApp does not know this kind of message',
}
/** Of the app, of the account, of the number, and of the pair of numbers. */
const LIMITS = [4, 80_007, 130_429, 131_048, 131_056]
const PASSING = [1, 2, 131_000, 131_016, 131_057]
/** Meta gives no figure; a pair of numbers may exchange one message in six seconds. */
const PATIENCE_MS = 6_000

export function describeFailure({ status, json }: ApiAnswer): SendFailure {
  const code = errorSchema.safeParse(json).data?.error.code ?? 0
  if (LIMITS.includes(code)) return { kind: 'rate_limited', retryAfterMs: PATIENCE_MS }
  const answered = `WhatsApp answered ${status}, code ${code}`
  if (PASSING.includes(code)) return { kind: 'unavailable', reason: answered }
  return { kind: 'refused', reason: REASONS[code] ?? answered }
}
