/** Which of the shell groups are denied: all of them, but for what an override switches off. */
import {
  SHELL_DENY_GROUPS,
  type ShellDenyGroup,
  type ShellDenyOverrides,
} from '../../domain/config/tool-policy.ts'

/**
 * Overrides from the widest to the nearest; the nearest that names a group decides. A name that is
 * no group switches nothing off.
 */
export function effectiveDenyGroups(
  overrides: readonly ShellDenyOverrides[],
): ReadonlySet<ShellDenyGroup> {
  const isDenied = (group: ShellDenyGroup): boolean =>
    overrides.map((level) => level[group]).findLast((value) => value !== undefined) ?? true
  return new Set(SHELL_DENY_GROUPS.filter(isDenied))
}
