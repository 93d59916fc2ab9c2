/**
 * Skills of the tenant: what there is, and what each says. A change of what one says is a new version;
 * nobody has a skill by its being there.
 */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { addSkillVersion, createSkill, deleteSkill, readSkill, switchSkill } from '../db/skills.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { SKILL_LIMITS, type Skill, type SkillFile } from '../domain/skill.ts'
import { ADMIN, VIEWER } from './access.ts'
import { namesOf } from './audit-names.ts'
import { actsAsAdmin, needsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import {
  FULL,
  grantRow,
  grantsOf,
  judgeUpload,
  listedSkill,
  namedSkill,
  seenSkills,
  skillReference,
  skillToChange,
  toListed,
  toVersionRow,
  uploadFields,
  versionRow,
} from './skill-fields.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

export const skillsList = operation({
  name: 'skills.list',
  summary: 'The skills of the tenant; without the role admin, those that you can have loaded',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ skills: z.array(listedSkill) }),
  http: { method: 'GET', path: '/v1/skills' },
  run: async (context) => ok({ skills: seenSkills(context).map(toListed) }),
})

export const skillsGet = operation({
  name: 'skills.get',
  summary: 'One skill with what it says, or one of its files; older versions as admin',
  access: VIEWER,
  params: z.object({
    ...skillReference,
    version: z.coerce.number().int().min(1).nullish(),
    file: z.string().max(200).nullish().describe('path of a file whose content is wanted'),
  }),
  result: listedSkill.extend({
    shown: versionRow,
    skill_md: z.string(),
    files: z.array(z.object({ path: z.string(), size: z.number() })),
    file: z.object({ path: z.string(), content: z.string() }).optional(),
    /** For admins. */
    grants: z.array(grantRow).optional(),
  }),
  http: { method: 'GET', path: '/v1/skills/{name}' },
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const found = namedSkill(context, params.name)
    if (!found.ok) return found
    const skill = found.value
    const isAdmin = actsAsAdmin(principal)
    const number = params.version ?? skill.version
    if (number !== skill.version && !isAdmin) return err(notFound('version of the skill'))
    const { tenantId } = principal
    const stored = await readSkill(services.database(tenantId), tenantId, skill.id, number)
    if (stored === null) return err(notFound('version of the skill'))
    const file = params.file ? stored.files.find(({ path }) => path === params.file) : undefined
    if (params.file && file === undefined) return err(notFound('file of the skill'))
    return ok({
      ...toListed(skill),
      shown: toVersionRow(stored.version, skill),
      skill_md: stored.text,
      files: stored.files.map(({ path, content }) => ({ path, size: bytesOf(content) })),
      ...(file === undefined ? {} : { file }),
      ...(isAdmin ? { grants: grantsOf(snapshot, skill) } : {}),
    })
  },
})

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const changedSkill = listedSkill.extend({ hash: z.string(), findings: z.array(z.string()) })

export const skillsCreate = operation({
  name: 'skills.create',
  summary: 'Adds a skill, named by its front matter; nobody has it before it is granted',
  access: ADMIN,
  params: z.object({ ...uploadFields, enabled: z.boolean().default(true) }),
  result: changedSkill,
  http: { method: 'POST', path: '/v1/skills', status: 201 },
  audit: (_, { id, hash }) => ({ skill: id, version: '1', hash }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    if (!actsAsAdmin(principal)) return err(needsAdmin('skills'))
    const judged = await judgeUpload(context, params)
    if (!judged.ok) return judged
    const { bundle, version } = judged.value
    const { name, description } = bundle
    const room = checkSnapshotRoom(snapshot, { name, description })
    if (!room.ok) return room
    if (snapshot.skills.length >= SKILL_LIMITS.maxSkills) {
      const most = `a tenant has at most ${SKILL_LIMITS.maxSkills} skills`
      return err(refusal('RESOURCE_EXHAUSTED', most))
    }
    const { tenantId } = principal
    const skill = { id: newId('skl'), name, enabled: params.enabled }
    const created = await changeTenant(services, tenantId, () =>
      createSkill(services.database(tenantId), tenantId, skill, version, services.now()),
    )
    if (created.ok) {
      const { contentHash: hash, findings } = version
      return ok({ ...skill, description, version: 1, hash, findings: [...findings] })
    }
    if (created.error === 'full') return err(FULL)
    return err(refusal('ALREADY_EXISTS', `there is a skill ${JSON.stringify(name)} already`))
  },
})

const updateFields = {
  skill_md: uploadFields.skill_md.nullish(),
  files: uploadFields.files.describe('all files of the new version, not only the changed ones'),
  enabled: z.boolean().nullish(),
}

const NOT_CHANGED = 'skill_md or enabled is needed; files go with skill_md'
const CONFLICT = refusal(
  'FAILED_PRECONDITION',
  'the skill was changed by somebody else at the same moment; look again',
)

export const skillsUpdate = operation({
  name: 'skills.update',
  summary: 'Makes a new version of a skill, which is in force at once, or switches it off and on',
  access: ADMIN,
  params: z.object({ ...skillReference, ...updateFields }),
  result: listedSkill,
  http: { method: 'PUT', path: '/v1/skills/{name}' },
  audit: (params, { id, version }) => ({
    skill: id,
    version: String(version),
    changed: namesOf({
      skill_md: params.skill_md ?? undefined,
      enabled: params.enabled ?? undefined,
    }),
  }),
  run: async (context, params) => {
    const { services, principal } = context
    const found = skillToChange(context, params.name)
    if (!found.ok) return found
    const { skill_md, files } = params
    const enabled = params.enabled ?? null
    if (!skill_md && (enabled === null || files.length > 0))
      return err(refusal('INVALID_REQUEST', NOT_CHANGED))
    const { tenantId } = principal
    let skill = found.value
    if (skill_md) {
      const added = await addVersion(context, skill, { skill_md, files })
      if (!added.ok) return added
      skill = added.value
    }
    if (enabled !== null) {
      const switched = await changeTenant(services, tenantId, () =>
        switchSkill(services.database(tenantId), tenantId, skill.id, enabled, services.now()),
      )
      if (!switched.ok) return err(notFound('skill'))
      skill = { ...skill, enabled }
    }
    return ok(toListed(skill))
  },
})

async function addVersion(
  context: OperationContext,
  skill: Skill,
  upload: { readonly skill_md: string; readonly files: readonly SkillFile[] },
): Promise<Result<Skill, Refusal>> {
  const { services, principal, snapshot } = context
  const { tenantId } = principal
  const judged = await judgeUpload(context, upload)
  if (!judged.ok) return judged
  const { bundle, version } = judged.value
  if (bundle.name !== skill.name) {
    const other = `its front matter says the name ${bundle.name}; a skill keeps its name`
    return err(refusal('INVALID_REQUEST', other))
  }
  const { description } = bundle
  const room = checkSnapshotRoom(snapshot, description)
  if (!room.ok) return room
  const added = await changeTenant(services, tenantId, () =>
    addSkillVersion(services.database(tenantId), tenantId, skill.id, version, services.now()),
  )
  if (added.ok) return ok({ ...skill, description, version: added.value })
  switch (added.error) {
    case 'full':
      return err(FULL)
    case 'conflict':
      return err(CONFLICT)
    case 'not_found':
      return err(notFound('skill'))
  }
}

export const skillsDelete = operation({
  name: 'skills.delete',
  summary: 'Deletes a skill with all its versions and grants',
  access: ADMIN,
  params: z.object(skillReference),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/skills/{name}' },
  audit: (_, { id }) => ({ skill: id }),
  run: async (context, { name }) => {
    const { services, principal } = context
    const found = skillToChange(context, name)
    if (!found.ok) return found
    const { tenantId } = principal
    const { id } = found.value
    const deleted = await changeTenant(services, tenantId, () =>
      deleteSkill(services.database(tenantId), tenantId, id),
    )
    return deleted.ok ? ok({ ok: true as const, id }) : err(notFound('skill'))
  },
})
