/**
 * A run's skills: those that a grant names for its agent and the user whose conversation it is, and for
 * every agent that it acts for. All of that is in the snapshot that the call was judged by; only what a
 * skill says is read when it is loaded.
 */
import type { Services } from '../api/context.ts'
import { readSkill } from '../db/skills.ts'
import type { ToolSpec } from '../domain/model.ts'
import type { SkillHead, SkillsPort } from '../domain/ports/skills.ts'
import { err, ok } from '../domain/result.ts'
import { mayUseSkill, type Skill } from '../domain/skill.ts'
import { bodyOf } from '../domain/skill-bundle.ts'
import { neutralise } from '../output/mark-untrusted.ts'
import { logError } from '../telemetry/log.ts'
import type { CallLive } from './call-live.ts'
import { ancestorsOf, isReader } from './run-rights.ts'
import type { TurnRequest } from './turn-request.ts'

const LOAD_TOOL = 'skill_load'

type SkillsRequest = Pick<TurnRequest, 'origin' | 'workspaceUser'>

export function skillsOf(request: SkillsRequest, { snapshot, agent }: CallLive): readonly Skill[] {
  const ancestors = ancestorsOf(snapshot, request.origin)
  if (ancestors === null || isReader(request.origin)) return []
  const agents = [agent, ...ancestors.map((ancestor) => ancestor.agent)]
  return snapshot.skills.filter((skill) =>
    agents.every(({ id }) => mayUseSkill(skill, id, request.workspaceUser)),
  )
}

const headOf = ({ name, description }: Skill): SkillHead => ({
  name,
  description: neutralise(description).text,
})

export function openSkills(parts: {
  readonly request: SkillsRequest
  readonly services: Services
  readonly live: CallLive
}): SkillsPort {
  const { request, services, live } = parts
  const { tenantId } = live.snapshot
  return {
    list: () => skillsOf(request, live).map(headOf),
    load: async (name) => {
      const skill = skillsOf(request, live).find((each) => each.name === name)
      if (skill === undefined) return err('not_found')
      const { id, version } = skill
      try {
        const stored = await readSkill(services.database(tenantId), tenantId, id, version)
        // Deleted, or pruned, after the snapshot was taken.
        if (stored === null) return err('not_found')
        return ok({ ...headOf(skill), version, body: bodyOf(stored.text), files: stored.files })
      } catch (error) {
        logError('skills.unavailable', error)
        return err('unavailable')
      }
    },
  }
}

/** In the order of names, so that a vendor's cache of the prompt holds until a skill changes. */
export const toldSkills = (
  request: SkillsRequest,
  live: CallLive,
  offered: readonly Pick<ToolSpec, 'name'>[],
): readonly SkillHead[] =>
  offered.some(({ name }) => name === LOAD_TOOL) ? skillsOf(request, live).map(headOf) : []
