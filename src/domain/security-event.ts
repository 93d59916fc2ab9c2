/** Security events: metadata only, never the text, the secret or the pattern that matched. */
export const SECURITY_EVENT_NAMES = [
  'injection_detected',
  'injection_blocked',
  'rate_limited',
  'cors_rejected',
  'message_truncated',
  'credentialed_binary_denied',
  'credentialed_binary_gate_error',
  'credentialed_binary_wrapper_too_deep',
  'auth_failed',
  'locked_out',
  'session_owner_denied',
  'tenant_denied',
  'tool_denied',
  'exec_denied',
  'approval_requested',
  'approval_resolved',
  'ssrf_blocked',
  'path_denied',
  'secret_redacted',
  'marker_forged',
  'pairing_requested',
  'pairing_approved',
  'pairing_denied',
  'webhook_signature_invalid',
  'webhook_replayed',
  'sender_refused',
  'delivery_dead',
  'delivery_unknown',
  'key_rotated',
  'config_changed',
  'sandbox_violation',
  'budget_warning',
  'schedule_refused',
  'mcp_tool_changed',
  'hook_blocked',
  'hook_failed',
] as const

export type SecurityEventName = (typeof SECURITY_EVENT_NAMES)[number]

export interface SecurityEvent {
  readonly name: SecurityEventName
  readonly severity: 'info' | 'warn'
  /** Flat, small and free of content: ids, families, groups, counts, hashes. */
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

export const securityEvent = (
  name: SecurityEventName,
  fields: SecurityEvent['fields'] = {},
  severity: SecurityEvent['severity'] = 'warn',
): SecurityEvent => ({ name, severity, fields })
