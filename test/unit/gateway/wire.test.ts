import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/domain/refusal.ts'
import { httpStatusOf, INTERNAL, ofInput, ofTransport } from '../../../src/gateway/wire.ts'
import type { TransportRefusal, TransportRefusalKind } from '../../../src/transport/refusal.ts'

/** One of every kind; a new kind does not compile until it stands here. */
const REFUSALS: {
  readonly [Kind in TransportRefusalKind]: Extract<TransportRefusal, { kind: Kind }>
} = {
  origin_not_allowed: { kind: 'origin_not_allowed', origin: 'https://evil.test' },
  host_not_allowed: { kind: 'host_not_allowed' },
  url_too_long: { kind: 'url_too_long', maxBytes: 1 },
  headers_too_large: { kind: 'headers_too_large', maxBytes: 1 },
  too_many_headers: { kind: 'too_many_headers', max: 1 },
  body_too_large: { kind: 'body_too_large', maxBytes: 1 },
  message_too_large: { kind: 'message_too_large', maxBytes: 1 },
  json_malformed: { kind: 'json_malformed' },
  json_too_deep: { kind: 'json_too_deep', maxDepth: 1 },
  credential_missing: { kind: 'credential_missing' },
  issuer_unavailable: { kind: 'issuer_unavailable' },
  credential_malformed: { kind: 'credential_malformed', reason: 'SECRET' },
  credential_in_url: { kind: 'credential_in_url', parameter: 'SECRET' },
  credential_rejected: { kind: 'credential_rejected', credentialKind: 'SECRET' },
  rate_limited: { kind: 'rate_limited', bucket: 'SECRET', retryAfterMs: 5 },
  locked_out: { kind: 'locked_out', credentialKind: 'SECRET', retryAfterMs: 5 },
  too_many_sockets: { kind: 'too_many_sockets', max: 20 },
  idempotency_key_malformed: { kind: 'idempotency_key_malformed' },
  idempotency_key_reused: { kind: 'idempotency_key_reused' },
  request_in_progress: { kind: 'request_in_progress', retryAfterMs: 5 },
  outcome_unknown: { kind: 'outcome_unknown' },
  answer_not_kept: { kind: 'answer_not_kept' },
  role_too_low: { kind: 'role_too_low', operation: 'config.apply', needed: 'admin' },
  scope_missing: { kind: 'scope_missing', operation: 'config.apply', needed: 'operator.admin' },
  platform_operator_only: { kind: 'platform_operator_only', operation: 'tenants.list' },
  agents_limited: { kind: 'agents_limited', operation: 'config.patch' },
  not_session_owner: { kind: 'not_session_owner' },
  foreign_tenant: { kind: 'foreign_tenant' },
}

describe('ofTransport', () => {
  it('answers every refusal with a code of the closed set, a status and words', () => {
    for (const refused of Object.values(REFUSALS)) {
      const { refusal, status } = ofTransport(refused)
      expect(ERROR_CODES, refused.kind).toContain(refusal.code)
      expect(status, refused.kind).toBeGreaterThanOrEqual(400)
      // Of them all, only somebody else's being down is not the caller's doing.
      expect(status === 503, refused.kind).toBe(refused.kind === 'issuer_unavailable')
      if (status !== 503) expect(status, refused.kind).toBeLessThan(500)
      expect(refusal.message, refused.kind).not.toBe('')
    }
  })

  it('is rich inside and poor outside', () => {
    for (const refused of Object.values(REFUSALS)) {
      expect(JSON.stringify(ofTransport(refused)), refused.kind).not.toMatch(/SECRET|evil/)
    }
  })

  it('tells a missing credential from one that does not suffice', () => {
    expect(ofTransport(REFUSALS.credential_missing).status).toBe(401)
    expect(ofTransport(REFUSALS.credential_rejected).status).toBe(401)
    expect(ofTransport(REFUSALS.role_too_low).status).toBe(403)
    expect(ofTransport(REFUSALS.scope_missing).status).toBe(403)
  })

  it('says when to come back', () => {
    for (const kind of ['rate_limited', 'locked_out'] as const) {
      expect(ofTransport(REFUSALS[kind])).toMatchObject({
        status: 429,
        refusal: { code: 'RESOURCE_EXHAUSTED', retryable: true, retryAfterMs: 5 },
      })
    }
  })

  it('hides a foreign tenant behind the words for what never existed', () => {
    expect(ofTransport(REFUSALS.foreign_tenant)).toEqual({
      refusal: { code: 'NOT_FOUND', message: 'not found' },
      status: 404,
    })
  })
})

describe('httpStatusOf', () => {
  it('knows every code', () => {
    for (const code of ERROR_CODES) expect(httpStatusOf(code), code).toBeGreaterThanOrEqual(400)
    expect(httpStatusOf('FAILED_PRECONDITION')).toBe(412)
    expect(httpStatusOf('AGENT_TIMEOUT')).toBe(504)
    expect(httpStatusOf('ALREADY_EXISTS')).toBe(409)
  })
})

describe('what a caller is told', () => {
  it('of a blocked message names no pattern', () => {
    const refusal = ofInput({ code: 'INJECTION_BLOCKED', families: ['role_override'], events: [] })
    expect(refusal.code).toBe('INVALID_REQUEST')
    expect(refusal.message).not.toContain('role_override')
  })

  it('of a bug is nothing', () => {
    expect(INTERNAL).toEqual({ code: 'INTERNAL', message: expect.any(String) })
  })
})
