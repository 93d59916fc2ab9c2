/** How far an agent may act without a human: pure decision, one line per level. */
import type { Autonomy } from '../domain/config/tool-policy.ts'
import type { ApprovalDecision } from './approval.ts'

/**
 * `isReadOnlyTool` is the tool's nature, `isReadOnlyCall` what its guard found of this call: under
 * `readonly` a shell is refused even for `ls`, under `supervised` only what changes state asks.
 */
export function decideAutonomy(
  level: Autonomy['level'],
  call: { readonly isReadOnlyTool: boolean; readonly isReadOnlyCall: boolean },
): ApprovalDecision {
  switch (level) {
    case 'readonly':
      return call.isReadOnlyTool ? 'allow' : 'deny'
    case 'supervised':
      return call.isReadOnlyTool || call.isReadOnlyCall ? 'allow' : 'ask'
    case 'full':
      return 'allow'
  }
}
