/** Who has a skill: an agent with whoever talks to it, or with one user alone. */
import { z } from 'zod'
import { grantSkill, revokeSkill } from '../db/skills.ts'
import { userIdSchema } from '../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { SKILL_LIMITS, type Skill, type SkillGrant } from '../domain/skill.ts'
import { findAgent } from '../domain/tenant-snapshot.ts'
import { ADMIN } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { grantRow, skillReference, skillToChange } from './skill-fields.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const grantReference = z.object({
  ...skillReference,
  agent_id: z.string().min(1).max(100),
  user_id: userIdSchema.nullish().describe('this user alone; without, whoever talks to the agent'),
})

const changedGrant = grantRow.extend({ skill: z.string() })

function namedGrant(
  context: OperationContext,
  params: z.output<typeof grantReference>,
): Result<
  { readonly skill: Skill; readonly grant: SkillGrant; readonly agentKey: string },
  Refusal
> {
  const skill = skillToChange(context, params.name)
  if (!skill.ok) return skill
  const agent = findAgent(context.snapshot, params.agent_id)
  if (agent === undefined) return err(notFound('agent'))
  const grant = { agentId: agent.id, userId: params.user_id ?? null }
  return ok({ skill: skill.value, grant, agentKey: agent.key })
}

const isSame = (a: SkillGrant, b: SkillGrant): boolean =>
  a.agentId === b.agentId && a.userId === b.userId

export const skillsGrant = operation({
  name: 'skills.grant',
  summary: 'Lets an agent load a skill: for everybody who talks to it, or for one user',
  access: ADMIN,
  params: grantReference,
  result: changedGrant,
  http: { method: 'PUT', path: '/v1/skills/{name}/grants/{agent_id}' },
  audit: (_, { skill, agent_id, user_id }) => ({ skill, agent: agent_id, user: user_id ?? '*' }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const named = namedGrant(context, params)
    if (!named.ok) return named
    const { skill, grant, agentKey } = named.value
    const room = checkSnapshotRoom(snapshot, grant)
    if (!room.ok) return room
    const others = skill.grants.filter((each) => !isSame(each, grant))
    if (others.length >= SKILL_LIMITS.maxGrants) {
      const most = `a skill has at most ${SKILL_LIMITS.maxGrants} grants`
      return err(refusal('RESOURCE_EXHAUSTED', most))
    }
    const { tenantId, userId } = principal
    const row = { ...grant, skillId: skill.id, grantedBy: userId }
    const granted = await changeTenant(services, tenantId, () =>
      grantSkill(services.database(tenantId), tenantId, row, services.now()),
    )
    return granted.ok
      ? ok({ skill: skill.id, agent_id: agentKey, user_id: grant.userId })
      : err(notFound('skill'))
  },
})

export const skillsRevoke = operation({
  name: 'skills.revoke',
  summary: 'Takes a skill from an agent: what was granted to everybody, or to one user',
  access: ADMIN,
  params: grantReference,
  result: changedGrant,
  http: { method: 'DELETE', path: '/v1/skills/{name}/grants/{agent_id}' },
  audit: (_, { skill, agent_id, user_id }) => ({ skill, agent: agent_id, user: user_id ?? '*' }),
  run: async (context, params) => {
    const { services, principal } = context
    const named = namedGrant(context, params)
    if (!named.ok) return named
    const { skill, grant, agentKey } = named.value
    const { tenantId } = principal
    const revoked = await changeTenant(services, tenantId, () =>
      revokeSkill(services.database(tenantId), tenantId, { ...grant, skillId: skill.id }),
    )
    return revoked.ok
      ? ok({ skill: skill.id, agent_id: agentKey, user_id: grant.userId })
      : err(notFound('grant'))
  },
})
