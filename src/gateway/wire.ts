/** Refusals as the wires tell them: each layer's own union mapped once, rich inside, poor outside. */
import type { ErrorCode, Refusal } from '../domain/refusal.ts'
import { refusal } from '../domain/refusal.ts'
import type { InputRefusal } from '../input/inspect.ts'
import type { TransportRefusal } from '../transport/refusal.ts'

const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_REQUEST: 400,
  UNAUTHORIZED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 412,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  AGENT_TIMEOUT: 504,
  NOT_PAIRED: 403,
  NOT_LINKED: 403,
  TENANT_ACCESS_REVOKED: 403,
  NOT_IMPLEMENTED: 501,
  INTERNAL: 500,
}

export const httpStatusOf = (code: ErrorCode): number => HTTP_STATUS[code]

/** What an unexpected error tells: nothing of itself. */
export const INTERNAL: Refusal = refusal(
  'INTERNAL',
  'something went wrong inside the gateway; try again',
)

export function ofInput(refused: InputRefusal): Refusal {
  switch (refused.code) {
    case 'INJECTION_BLOCKED':
      return refusal('INVALID_REQUEST', 'the message was refused by the input policy')
  }
}

/** A request that was turned away at the door. `status` differs from the code's only where HTTP asks. */
export interface TransportAnswer {
  readonly refusal: Refusal
  readonly status: number
}

export function ofTransport(refused: TransportRefusal): TransportAnswer {
  const answer = (
    code: ErrorCode,
    message: string,
    status = HTTP_STATUS[code],
  ): TransportAnswer => ({
    refusal: refusal(code, message),
    status,
  })
  const tooFast = (message: string, retryAfterMs: number): TransportAnswer => ({
    refusal: { code: 'RESOURCE_EXHAUSTED', message, retryable: true, retryAfterMs },
    status: 429,
  })
  switch (refused.kind) {
    case 'origin_not_allowed':
      return answer(
        'UNAUTHORIZED',
        'this origin is not allowed; the operator lists allowed origins',
        403,
      )
    case 'host_not_allowed':
      return answer('UNAUTHORIZED', 'this host name is not served in development mode', 403)
    case 'url_too_long':
      return answer('INVALID_REQUEST', `the URL is longer than ${refused.maxBytes} bytes`, 414)
    case 'headers_too_large':
      return answer('INVALID_REQUEST', `the headers are larger than ${refused.maxBytes} bytes`, 431)
    case 'too_many_headers':
      return answer('INVALID_REQUEST', `there are more than ${refused.max} headers`, 431)
    case 'body_too_large':
      return answer('INVALID_REQUEST', `the body is larger than ${refused.maxBytes} bytes`, 413)
    case 'message_too_large':
      return answer('INVALID_REQUEST', `the message is larger than ${refused.maxBytes} bytes`, 413)
    case 'json_malformed':
      return answer('INVALID_REQUEST', 'the body is not valid JSON')
    case 'json_too_deep':
      return answer('INVALID_REQUEST', `the JSON is nested deeper than ${refused.maxDepth} levels`)
    case 'credential_missing':
      return answer(
        'UNAUTHORIZED',
        'a credential is needed: send Authorization: Bearer <token>',
        401,
      )
    case 'credential_malformed':
    case 'credential_rejected':
      return answer('UNAUTHORIZED', 'the credential is not valid, or no longer', 401)
    case 'issuer_unavailable':
      return {
        refusal: {
          code: 'UNAVAILABLE',
          message: 'the issuer of this credential cannot be reached; try again',
          retryable: true,
          retryAfterMs: 5_000,
        },
        status: 503,
      }
    case 'credential_in_url':
      return answer(
        'UNAUTHORIZED',
        'a long-lived credential in a URL is refused: use the header or a ticket',
        401,
      )
    case 'rate_limited':
      return tooFast('too many requests; wait before trying again', refused.retryAfterMs)
    case 'locked_out':
      return tooFast('too many wrong credentials from this address', refused.retryAfterMs)
    case 'too_many_sockets':
      return tooFast(`at most ${refused.max} sockets may wait for authentication`, 10_000)
    case 'idempotency_key_malformed':
      return answer('INVALID_REQUEST', 'Idempotency-Key is 1 to 200 printable ASCII characters')
    case 'idempotency_key_reused':
      return answer('ALREADY_EXISTS', 'this Idempotency-Key was used with another request')
    case 'request_in_progress':
      return {
        refusal: {
          code: 'FAILED_PRECONDITION',
          message: 'the first request with this Idempotency-Key is still in progress',
          retryable: true,
          retryAfterMs: refused.retryAfterMs,
        },
        status: 409,
      }
    case 'outcome_unknown':
      return answer(
        'FAILED_PRECONDITION',
        'how the first request with this Idempotency-Key ended is not known: look, and use another key',
        409,
      )
    case 'answer_not_kept':
      return answer(
        'ALREADY_EXISTS',
        'the request with this Idempotency-Key was carried out; its answer is not kept',
      )
    case 'role_too_low':
      return answer('UNAUTHORIZED', `${refused.operation} needs the role ${refused.needed}`)
    case 'scope_missing':
      return answer('UNAUTHORIZED', `${refused.operation} needs the scope ${refused.needed}`)
    case 'platform_operator_only':
      return answer('UNAUTHORIZED', `${refused.operation} is for the operator of the gateway`)
    case 'agents_limited':
      return answer(
        'UNAUTHORIZED',
        `${refused.operation} is not for keys that reach some agents only`,
      )
    case 'not_session_owner':
      return answer('UNAUTHORIZED', 'this session belongs to another user')
    case 'foreign_tenant':
      return answer('NOT_FOUND', 'not found')
  }
}
