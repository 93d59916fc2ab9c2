// Written by `npm run operations` from the registry.

export interface SecurityOperations {
  /** Looks for what is set up unsafely; with `fix` mends what can be mended without loss */
  'security.audit': {
    params: { deep?: boolean | null; fix?: boolean | null; expire_keys_in?: number | null }
    result: {
      ts: string
      summary: { critical: number; warn: number; info: number }
      findings: readonly ({
        checkId: string
        severity: "critical" | "warn" | "info"
        title: string
        detail: string
        remediation: string
        autoFix: boolean
      })[]
      suppressed: readonly string[]
      fixed: readonly string[]
      deep?: { probed: readonly string[] }
    }
  }
  /** Takes a finding out of the count, with the reason that somebody answers for */
  'security.audit.suppress': {
    params: { checkId: string; reason: string; expires_in?: number | null }
    result: { ok: true; checkId: string; expires_at: string | null }
  }
  /** The findings that somebody answers for, and why */
  'security.audit.suppressions': {
    params: Record<string, unknown>
    result: {
      suppressions: readonly ({
        checkId: string
        reason: string
        created_by: string
        created_at: string
        expires_at: string | null
      })[]
    }
  }
  /** Counts a finding again */
  'security.audit.unsuppress': {
    params: { checkId: string }
    result: { ok: true; checkId: string }
  }
  /** Security events of the tenant, newest first */
  'security.events.list': {
    params: {
      name?: "injection_detected" | "injection_blocked" | "rate_limited" | "cors_rejected" | "message_truncated" | "credentialed_binary_denied" | "credentialed_binary_gate_error" | "credentialed_binary_wrapper_too_deep" | "auth_failed" | "locked_out" | "session_owner_denied" | "tenant_denied" | "tool_denied" | "exec_denied" | "approval_requested" | "approval_resolved" | "ssrf_blocked" | "path_denied" | "secret_redacted" | "marker_forged" | "pairing_requested" | "pairing_approved" | "pairing_denied" | "webhook_signature_invalid" | "webhook_replayed" | "sender_refused" | "delivery_dead" | "delivery_unknown" | "key_rotated" | "config_changed" | "sandbox_violation" | "budget_warning" | "schedule_refused" | "mcp_tool_changed" | "hook_blocked" | "hook_failed"
      severity?: "info" | "warn"
      since?: string
      until?: string
      limit?: number
      before?: string
    }
    result: { events: readonly Readonly<Record<string, unknown>>[]; nextBefore: string | null }
  }
}

export const CHOICES = {
  'security.events.list': { "name": ["injection_detected","injection_blocked","rate_limited","cors_rejected","message_truncated","credentialed_binary_denied","credentialed_binary_gate_error","credentialed_binary_wrapper_too_deep","auth_failed","locked_out","session_owner_denied","tenant_denied","tool_denied","exec_denied","approval_requested","approval_resolved","ssrf_blocked","path_denied","secret_redacted","marker_forged","pairing_requested","pairing_approved","pairing_denied","webhook_signature_invalid","webhook_replayed","sender_refused","delivery_dead","delivery_unknown","key_rotated","config_changed","sandbox_violation","budget_warning","schedule_refused","mcp_tool_changed","hook_blocked","hook_failed"], "severity": ["info","warn"] },
} as const
