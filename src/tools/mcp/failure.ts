/**
 * Why a server could not be used. The message is ours, for models and admins; what the server said of
 * it stands apart, since it is a stranger's text.
 */
import {
  InsufficientScopeError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { EgressError, type EgressRefusal } from '../../egress/refusal.ts'

export interface McpFailure {
  readonly kind: 'refused' | 'unreachable' | 'timeout' | 'too_large' | 'unauthorized' | 'protocol'
  readonly message: string
  /** The server's own words, if it had any. */
  readonly said?: string
  /** Of the guard, where it refused; for events. */
  readonly refusal?: EgressRefusal['kind']
}

export const TIMED_OUT: McpFailure = { kind: 'timeout', message: 'it did not answer in time' }
export const UNAUTHORIZED: McpFailure = {
  kind: 'unauthorized',
  message: 'it does not accept the stored key or authorisation; an admin must set it again',
}
const MAX_SAID_CHARS = 2_000

function ofEgress({ kind, message }: EgressRefusal): McpFailure {
  switch (kind) {
    case 'timeout':
      return TIMED_OUT
    case 'too_large':
      return { kind: 'too_large', message: 'its answer is larger than allowed' }
    case 'unresolvable':
      return { kind: 'unreachable', message }
    default:
      return { kind: 'refused', message, refusal: kind }
  }
}

/** @param underneath what befell a request, where the library says less */
export function failureOf(error: unknown, underneath: unknown = null): McpFailure {
  for (const each of [error, underneath]) {
    if (each instanceof EgressError) return ofEgress(each.refusal)
  }
  if (error instanceof UnauthorizedError || error instanceof InsufficientScopeError) {
    return UNAUTHORIZED
  }
  if (error instanceof ProtocolError) {
    const said = error.message.slice(0, MAX_SAID_CHARS)
    return { kind: 'protocol', message: 'it answered with an error', said }
  }
  if (error instanceof SdkHttpError) {
    const { status } = error
    if (status === 401 || status === 403) return UNAUTHORIZED
    return { kind: 'protocol', message: `it answered with status ${status ?? 'unknown'}` }
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) return TIMED_OUT
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    return TIMED_OUT
  }
  if (error instanceof SdkError) {
    return { kind: 'protocol', message: 'it does not speak the protocol as it should' }
  }
  return { kind: 'unreachable', message: 'it cannot be reached' }
}
