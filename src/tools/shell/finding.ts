/** What the judge found, gathered before anything is decided: finding is not deciding. */
import { SHELL_DENY_GROUPS, type ShellDenyGroup } from '../../domain/config/tool-policy.ts'

export interface Verdict {
  readonly groups: readonly ShellDenyGroup[]
  readonly reason: string
}

/** What stands in for a finding that no group owns, when it is told to people and events. */
const STRUCTURAL_GROUP: ShellDenyGroup = 'code_injection'

export class Findings {
  readonly #groups = new Set<ShellDenyGroup>()
  readonly #always = new Set<ShellDenyGroup>()
  #structural: string | null = null

  /** A rule of a group matched; an override may switch it off. */
  add(group: ShellDenyGroup): void {
    this.#groups.add(group)
  }

  /** A rule matched that no override switches off. */
  addAlways(group: ShellDenyGroup): void {
    this.#groups.add(group)
    this.#always.add(group)
  }

  /** The command cannot be judged; the first reason is told. */
  addUnjudgeable(reason: string): void {
    this.#structural ??= reason
  }

  get groups(): ReadonlySet<ShellDenyGroup> {
    return this.#groups
  }

  /** Null when nothing that was found is denied. */
  decide(
    denied: ReadonlySet<ShellDenyGroup>,
    describe: (group: ShellDenyGroup) => string,
  ): Verdict | null {
    const hit = SHELL_DENY_GROUPS.filter(
      (group) => this.#always.has(group) || (this.#groups.has(group) && denied.has(group)),
    )
    const first = hit[0]
    if (first !== undefined) return { groups: hit, reason: describe(first) }
    if (this.#structural === null) return null
    return { groups: [STRUCTURAL_GROUP], reason: this.#structural }
  }
}
