/**
 * Why a tool call was refused, and the words for it. The model is told what was wrong and what it
 * may do instead, never the pattern or list that matched; events carry names and groups only.
 */
import type { StandingMatch } from '../domain/approval.ts'
import type { ExecApproval, ShellDenyGroup } from '../domain/config/tool-policy.ts'
import { describeStop, type EmergencyStop } from '../domain/emergency-stop.ts'
import { type SecurityEvent, securityEvent } from '../domain/security-event.ts'
import type { UrlRefusal } from '../egress/url.ts'
import type { ApprovalBinding, ApprovalReason } from './approval.ts'
import {
  type CredentialedRefusal,
  describeCredentialedRefusal,
  eventsOfCredentialedRefusal,
} from './credentialed/refusal.ts'

export type PathRefusal =
  | 'empty'
  | 'too_long'
  | 'absolute'
  | 'outside'
  | 'backslash'
  | 'control_character'
  | 'encoded'
  | 'forbidden'
  | 'read_only'

export type ToolRefusal =
  | { readonly kind: 'unknown_tool' }
  | { readonly kind: 'invalid_arguments'; readonly faults: string }
  | { readonly kind: 'policy_denied'; readonly level: string }
  /** An emergency stop; the reason is for the model to tell on. */
  | { readonly kind: 'stopped'; readonly stop: EmergencyStop }
  | { readonly kind: 'workspace_denied'; readonly access: 'none' | 'ro' }
  | { readonly kind: 'autonomy_denied'; readonly level: 'readonly' }
  | {
      readonly kind: 'budget_exhausted'
      readonly limitPerHour: number
      readonly retryAfterMs: number
    }
  | {
      readonly kind: 'command_denied'
      readonly groups: readonly ShellDenyGroup[]
      readonly reason: string
    }
  | { readonly kind: 'command_not_listed' }
  | { readonly kind: 'exec_denied'; readonly security: ExecApproval['security'] }
  | CredentialedRefusal
  | { readonly kind: 'path_denied'; readonly why: PathRefusal }
  | { readonly kind: 'url_denied'; readonly refusal: UrlRefusal; readonly scheme: string }
  /** A value that the gateway opened for this run would leave through an argument. */
  | { readonly kind: 'secret_in_arguments' }
  | {
      readonly kind: 'approval_required'
      readonly binding: ApprovalBinding
      readonly reason: ApprovalReason
      readonly standing: StandingMatch | null
    }
  /** A human said no, or nobody said anything in time. */
  | { readonly kind: 'approval_denied' }
  | { readonly kind: 'approval_mismatch' }

const PATH_WORDS: Readonly<Record<PathRefusal, string>> = {
  empty: 'a path is needed',
  too_long: 'the path is too long',
  absolute: 'only paths relative to the workspace are possible',
  outside: 'the path leaves the workspace',
  backslash: 'backslashes are not possible in a path',
  control_character: 'control characters are not possible in a path',
  encoded: 'write the path plainly, without percent-encoding',
  forbidden: 'this path is reserved',
  read_only: 'the files of skills are only to be read',
}

export const describePathRefusal = (why: PathRefusal): string => PATH_WORDS[why]

/** What the model is told. */
export function describeRefusal(tool: string, refusal: ToolRefusal): string {
  switch (refusal.kind) {
    case 'unknown_tool':
      return 'There is no tool of this name. Use one of the tools you were given.'
    case 'invalid_arguments':
      return `The arguments of ${tool} are not valid: ${refusal.faults}.`
    case 'policy_denied':
      return `The tool ${tool} is not available in this conversation.`
    case 'stopped':
      return `${describeStop(refusal.stop)}. Do not try again; tell the user.`
    case 'workspace_denied':
      return refusal.access === 'ro'
        ? `The workspace is read-only here, so ${tool} is not available.`
        : `There is no workspace here, so ${tool} is not available.`
    case 'autonomy_denied':
      return `This agent may only read, so ${tool} is not available.`
    case 'budget_exhausted':
      return `This conversation has used its ${refusal.limitPerHour} tool calls per hour. More are possible in ${minutesOf(refusal.retryAfterMs)}.`
    case 'command_denied':
      return `The command was not run: ${refusal.reason}. Do not try to get around this; find a safer way or tell the user.`
    case 'command_not_listed':
      return 'The command was not run: it uses a program that is not on the list of allowed commands.'
    case 'exec_denied':
      return refusal.security === 'deny'
        ? 'Commands cannot be run in this conversation.'
        : 'The command was not run: it is not on the list of allowed commands.'
    case 'credentialed_denied':
      return describeCredentialedRefusal(refusal)
    case 'path_denied':
      return `The path was refused: ${describePathRefusal(refusal.why)}.`
    case 'url_denied':
      return `The address was refused: ${refusal.refusal.message}.`
    case 'secret_in_arguments':
      return `The call of ${tool} was refused: one of its arguments holds a secret, and secrets do not leave.`
    case 'approval_required':
      return `This call of ${tool} needs the approval of a human, and nobody gave it.`
    case 'approval_denied':
      return `This call of ${tool} was not approved.`
    case 'approval_mismatch':
      return `The approval for this call of ${tool} was given for something else: arguments, files or policy changed since.`
  }
}

/** The security event of a refusal; a model's plain mistakes are none. */
export function eventsOfRefusal(tool: string, refusal: ToolRefusal): readonly SecurityEvent[] {
  switch (refusal.kind) {
    case 'unknown_tool':
    case 'invalid_arguments':
    case 'approval_required':
    case 'approval_denied':
      return []
    case 'policy_denied':
      return [securityEvent('tool_denied', { tool, reason: 'policy', level: refusal.level })]
    case 'stopped':
      return [
        securityEvent('tool_denied', { tool, reason: 'emergency_stop', stop: refusal.stop.kind }),
      ]
    case 'workspace_denied':
      return [securityEvent('tool_denied', { tool, reason: 'workspace', access: refusal.access })]
    case 'autonomy_denied':
      return [securityEvent('tool_denied', { tool, reason: 'autonomy', level: refusal.level })]
    case 'budget_exhausted':
      return [securityEvent('rate_limited', { tool, limit: refusal.limitPerHour, scope: 'tools' })]
    case 'command_denied':
      return [securityEvent('exec_denied', { tool, groups: refusal.groups.join(' ') })]
    case 'command_not_listed':
      return [securityEvent('exec_denied', { tool, reason: 'not_listed' })]
    case 'exec_denied':
      return [securityEvent('exec_denied', { tool, reason: `security_${refusal.security}` })]
    case 'credentialed_denied':
      return eventsOfCredentialedRefusal(refusal)
    case 'path_denied':
      return [securityEvent('path_denied', { tool, reason: refusal.why })]
    case 'url_denied': {
      const { refusal: why, scheme } = refusal
      return [securityEvent('ssrf_blocked', { tool, refusal: why.kind, scheme })]
    }
    case 'secret_in_arguments':
      return [securityEvent('tool_denied', { tool, reason: 'secret_in_arguments' })]
    case 'approval_mismatch':
      return [securityEvent('tool_denied', { tool, reason: 'approval_mismatch' })]
  }
}

const minutesOf = (ms: number): string => {
  const minutes = Math.ceil(ms / 60_000)
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
