/** The skills that a run may load: those that its agent, its user and all whom it acts for were given. */
import type { Result } from '../result.ts'
import type { SkillFile } from '../skill.ts'

export interface SkillHead {
  readonly name: string
  /** One line, cleaned of what reads like the gateway's own marks. */
  readonly description: string
}

export interface LoadedSkill extends SkillHead {
  readonly version: number
  /** SKILL.md behind its front matter. */
  readonly body: string
  readonly files: readonly SkillFile[]
}

export interface SkillsPort {
  /** In the order of names. */
  list(): readonly SkillHead[]
  /** `not_found`: there is none, or this run may not have it; nobody is told which. */
  load(name: string): Promise<Result<LoadedSkill, 'not_found' | 'unavailable'>>
}
