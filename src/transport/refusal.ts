/**
 * Why the transport layer turns a request away. The gateway maps a refusal to the wire's codes; the
 * security event that goes with it is made here, once, so that no door forgets it. Neither holds a
 * credential, a header's value or any content, but for the origin, which is not secret.
 */
import type { Role, Scope } from '../domain/principal.ts'
import { type SecurityEvent, securityEvent } from '../domain/security-event.ts'

export type TransportRefusal =
  | { readonly kind: 'origin_not_allowed'; readonly origin: string }
  | { readonly kind: 'host_not_allowed' }
  | { readonly kind: 'url_too_long'; readonly maxBytes: number }
  | { readonly kind: 'headers_too_large'; readonly maxBytes: number }
  | { readonly kind: 'too_many_headers'; readonly max: number }
  | { readonly kind: 'body_too_large'; readonly maxBytes: number }
  | { readonly kind: 'message_too_large'; readonly maxBytes: number }
  | { readonly kind: 'json_malformed' }
  | { readonly kind: 'json_too_deep'; readonly maxDepth: number }
  | { readonly kind: 'credential_missing' }
  | { readonly kind: 'credential_malformed'; readonly reason: string }
  | { readonly kind: 'credential_in_url'; readonly parameter: string }
  /** Well-formed, and no such credential is valid now: unknown, expired and revoked look alike. */
  | { readonly kind: 'credential_rejected'; readonly credentialKind: string }
  /** Who vouches for the credential cannot be asked: says nothing about it, and lets nobody in. */
  | { readonly kind: 'issuer_unavailable' }
  | { readonly kind: 'rate_limited'; readonly bucket: string; readonly retryAfterMs: number }
  | { readonly kind: 'locked_out'; readonly credentialKind: string; readonly retryAfterMs: number }
  | { readonly kind: 'too_many_sockets'; readonly max: number }
  | { readonly kind: 'idempotency_key_malformed' }
  /** The key came before, with another body. */
  | { readonly kind: 'idempotency_key_reused' }
  /** The first request of this key goes on; its repeat may come back after this time. */
  | { readonly kind: 'request_in_progress'; readonly retryAfterMs: number }
  /** The first request of this key was lost on its way: it may or may not have acted. */
  | { readonly kind: 'outcome_unknown' }
  /** The first request of this key was carried out, and its answer is not kept. */
  | { readonly kind: 'answer_not_kept' }
  | { readonly kind: 'role_too_low'; readonly operation: string; readonly needed: Role }
  | { readonly kind: 'scope_missing'; readonly operation: string; readonly needed: Scope }
  | { readonly kind: 'platform_operator_only'; readonly operation: string }
  /** The credential has a list of agents: it administers no tenant. */
  | { readonly kind: 'agents_limited'; readonly operation: string }
  | { readonly kind: 'not_session_owner' }
  /** Told to the caller as "not found": another tenant's ids do not exist for it. */
  | { readonly kind: 'foreign_tenant' }

export type TransportRefusalKind = TransportRefusal['kind']

/** Longest origin that an event carries: the header is the caller's own text. */
const MAX_EVENT_ORIGIN_CHARS = 200

/**
 * The security event of a refusal, or null for a plain mistake (a typing error in JSON is no
 * attack). A role or scope that does not suffice is the everyday use of restricted keys.
 */
export function eventOfRefusal(
  refusal: TransportRefusal,
  clientAddress: string,
): SecurityEvent | null {
  const from = { client_address: clientAddress }
  switch (refusal.kind) {
    case 'origin_not_allowed':
      return securityEvent('cors_rejected', {
        ...from,
        origin: refusal.origin.slice(0, MAX_EVENT_ORIGIN_CHARS),
      })
    case 'host_not_allowed':
      return securityEvent('cors_rejected', { ...from, reason: 'host' })
    case 'credential_malformed':
      return securityEvent('auth_failed', { ...from, reason: refusal.reason })
    case 'credential_in_url':
      return securityEvent('auth_failed', { ...from, reason: 'credential in URL' })
    case 'credential_rejected':
      return securityEvent('auth_failed', { ...from, credential_kind: refusal.credentialKind })
    case 'rate_limited':
      return securityEvent('rate_limited', { ...from, bucket: refusal.bucket })
    case 'too_many_sockets':
      return securityEvent('rate_limited', { ...from, bucket: 'sockets' })
    case 'locked_out':
      return securityEvent('locked_out', { ...from, credential_kind: refusal.credentialKind })
    case 'not_session_owner':
      return securityEvent('session_owner_denied', from)
    case 'foreign_tenant':
      return securityEvent('tenant_denied', from)
    case 'url_too_long':
    case 'headers_too_large':
    case 'too_many_headers':
    case 'body_too_large':
    case 'message_too_large':
    case 'json_malformed':
    case 'json_too_deep':
    case 'credential_missing':
    case 'issuer_unavailable':
    case 'idempotency_key_malformed':
    case 'idempotency_key_reused':
    case 'request_in_progress':
    case 'outcome_unknown':
    case 'answer_not_kept':
    case 'role_too_low':
    case 'scope_missing':
    case 'platform_operator_only':
    case 'agents_limited':
      return null
  }
}
