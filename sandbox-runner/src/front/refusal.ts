/** A refusal of the wire: thrown where a request is found wanting, answered in one place. */
import { ERROR_STATUS, type RunnerErrorCode } from '../../../src/isolation/contract.ts'

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RunnerErrorCode
  readonly retryAfterMs: number | null
  /** For the log, where the caller is told less. */
  readonly detail: string | null

  constructor(
    code: RunnerErrorCode,
    message: string,
    more: { readonly retryAfterMs?: number; readonly detail?: string } = {},
  ) {
    super(message)
    this.code = code
    this.retryAfterMs = more.retryAfterMs ?? null
    this.detail = more.detail ?? null
  }

  get status(): number {
    return ERROR_STATUS[this.code]
  }

  /** As it stands in an error body and in an `error` event. */
  toWire() {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfterMs === null ? {} : { retryAfterMs: this.retryAfterMs }),
    }
  }
}
