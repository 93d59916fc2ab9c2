/**
 * The way of a tool to addresses that a tenant or a model chose. Whoever implements it resolves the
 * name, judges every answer and connects to exactly what was judged; where that cannot be had, there
 * is no port.
 */
import type { Result } from '../result.ts'

export interface WebRequest {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Of the answer's body, decompressed; what is longer is cut and flagged. */
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly maxRedirects: number
}

export interface WebAnswer {
  /** Where the last redirect led. */
  readonly url: string
  readonly status: number
  /** Lower-case names; a repeated header stands several times. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  readonly isTruncated: boolean
}

export interface WebFailure {
  readonly kind: 'unavailable' | 'refused' | 'timeout' | 'failed'
  /** For the user or model; names no address. */
  readonly message: string
  /** Which check refused it, where that is known; for events. */
  readonly refusal?: string
}

export interface WebPort {
  send(request: WebRequest, signal: AbortSignal): Promise<Result<WebAnswer, WebFailure>>
}
