/** What a skill said before, and going back to it. No version is ever changed. */
import { z } from 'zod'
import { listSkillVersions, restoreSkillVersion } from '../db/skills.ts'
import { notFound } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { skillReference, skillToChange, toVersionRow, versionRow } from './skill-fields.ts'
import { changeTenant } from './tenant-change.ts'

export const skillsVersions = operation({
  name: 'skills.versions',
  summary: 'The versions of a skill, newest first',
  access: ADMIN,
  params: z.object(skillReference),
  result: z.object({ versions: z.array(versionRow) }),
  http: { method: 'GET', path: '/v1/skills/{name}/versions' },
  run: async (context, { name }) => {
    const { services, principal } = context
    const found = skillToChange(context, name)
    if (!found.ok) return found
    const { tenantId } = principal
    const { id } = found.value
    const versions = await listSkillVersions(services.database(tenantId), tenantId, id)
    return ok({ versions: versions.map((version) => toVersionRow(version, found.value)) })
  },
})

export const skillsRestore = operation({
  name: 'skills.restore',
  summary: 'Puts another version of a skill in force',
  access: ADMIN,
  params: z.object({ ...skillReference, version: z.coerce.number().int().min(1) }),
  result: z.object({ ok: z.literal(true), id: z.string(), version: z.number() }),
  http: { method: 'POST', path: '/v1/skills/{name}/restore' },
  audit: (_, { id, version }) => ({ skill: id, version: String(version) }),
  run: async (context, { name, version }) => {
    const { services, principal } = context
    const found = skillToChange(context, name)
    if (!found.ok) return found
    const { tenantId } = principal
    const { id } = found.value
    const restored = await changeTenant(services, tenantId, () =>
      restoreSkillVersion(services.database(tenantId), tenantId, id, version, services.now()),
    )
    return restored.ok ? ok({ ok: true as const, id, version }) : err(notFound('version'))
  },
})
