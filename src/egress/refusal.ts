/**
 * Why nothing left, or why an answer was not taken in. A `fetch` can only reject, so the refusal
 * travels in an error; its message goes to users and models and holds no URL, address or secret.
 */
import type { UrlRefusal } from './url.ts'

export type EgressRefusal =
  | UrlRefusal
  | {
      readonly kind:
        | 'host_not_allowed'
        | 'unresolvable'
        | 'too_many_redirects'
        | 'redirect_with_body'
        | 'redirect_refused'
        | 'by_runner'
        | 'too_large'
        | 'timeout'
      readonly message: string
    }

export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly refusal: EgressRefusal

  constructor(refusal: EgressRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** A runner tells its words, not which check it was. */
export const urlRefused = (message: string): EgressRefusal => ({ kind: 'by_runner', message })

export const TOO_MANY_REDIRECTS: EgressRefusal = {
  kind: 'too_many_redirects',
  message: 'the address redirects too often',
}
export const REDIRECT_WITH_BODY: EgressRefusal = {
  kind: 'redirect_with_body',
  message: 'the address wants the request body sent elsewhere',
}
export const REDIRECT_REFUSED: EgressRefusal = {
  kind: 'redirect_refused',
  message: 'the address redirects, which is not expected here',
}
export const HOST_NOT_ALLOWED: EgressRefusal = {
  kind: 'host_not_allowed',
  message: 'the host is not one of those this request may reach',
}
export const UNRESOLVABLE: EgressRefusal = {
  kind: 'unresolvable',
  message: 'the host name has no address',
}
export const TOO_LARGE: EgressRefusal = {
  kind: 'too_large',
  message: 'the answer is larger than allowed',
}
export const TIMED_OUT: EgressRefusal = {
  kind: 'timeout',
  message: 'the address did not answer in time',
}
