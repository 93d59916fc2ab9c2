/**
 * What a platform sends to a webhook, as far as proving its origin goes, and why the proof fails.
 * Every `verify` of this folder is a function of headers, raw bytes, a secret and the time: it parses
 * no body, remembers nothing and answers nobody.
 */
import type { Bytes } from '../crypto/encoding.ts'
import { err, ok, type Result } from '../domain/result.ts'

export interface Delivery {
  readonly headers: Headers
  /** As received: a body that was parsed and written again has another signature. */
  readonly body: Bytes
}

export type SignatureRefusal =
  /** Nothing is configured to check against: the channel is closed, not open. */
  | 'secret_missing'
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_wrong'
  | 'timestamp_missing'
  | 'timestamp_malformed'
  /** Too old, or from the future: kept for a replay, or a clock is wrong. */
  | 'timestamp_stale'

/** What a proof establishes beyond its own success. */
export interface Proven {
  /** The signed time in milliseconds; null where the platform signs none. */
  readonly signedAtMs: number | null
  /** Equal for a delivery and its replay, so that a cache may tell; null where nothing signed is unique. */
  readonly replayKey: string | null
}

export type Verified = Result<Proven, SignatureRefusal>

/** Slack's own figure, taken for every platform that signs a time. */
export const MAX_SKEW_SECONDS = 300

/** Whole seconds since 1970, in the one spelling they have. */
const UNIX_SECONDS = /^[1-9]\d{0,11}$/

/** The timestamp as it was signed, when it lies within `MAX_SKEW_SECONDS` of now in either direction. */
export function checkTimestamp(
  header: string | null,
  nowMs: number,
): Result<{ readonly text: string; readonly ms: number }, SignatureRefusal> {
  if (header === null || header === '') return err('timestamp_missing')
  if (!UNIX_SECONDS.test(header)) return err('timestamp_malformed')
  const ms = 1_000 * Number(header)
  // Written so that a clock that is no number refuses.
  if (!(Math.abs(nowMs - ms) <= 1_000 * MAX_SKEW_SECONDS)) return err('timestamp_stale')
  return ok({ text: header, ms })
}
