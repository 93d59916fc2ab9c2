/** How skills are named, shown and judged by the operations on them. */
import { z } from 'zod'
import { canonicalHash } from '../crypto/canonical-json.ts'
import type { NewSkillVersion, SkillVersion } from '../db/skills.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { mayUseSkill, SKILL_LIMITS, type Skill, type SkillBundle } from '../domain/skill.ts'
import { parseSkillBundle } from '../domain/skill-bundle.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { actsAsAdmin, needsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { time } from './time.ts'

/** By name or id. */
export const skillReference = { name: z.string().min(1).max(100) }

export const uploadFields = {
  skill_md: z.string().describe('SKILL.md: front matter with name and description, then the text'),
  files: z
    .array(z.strictObject({ path: z.string(), content: z.string() }))
    .max(SKILL_LIMITS.maxFiles, `a skill has at most ${SKILL_LIMITS.maxFiles} files`)
    .default([])
    .describe('further files of text: [{"path", "content"}]'),
}

export const listedSkill = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.number(),
  enabled: z.boolean(),
})

export const toListed = ({ id, name, description, version, enabled }: Skill) => ({
  id,
  name,
  description,
  version,
  enabled,
})

export const grantRow = z.object({ agent_id: z.string(), user_id: z.string().nullable() })

/** Of agents that the caller reaches. */
export const grantsOf = ({ agents }: TenantSnapshot, { grants }: Skill) =>
  grants.flatMap(({ agentId, userId }) => {
    const agent = agents.find(({ id }) => id === agentId)
    return agent === undefined ? [] : [{ agent_id: agent.key, user_id: userId }]
  })

export const versionRow = z.object({
  version: z.number(),
  in_force: z.boolean(),
  description: z.string(),
  hash: z.string(),
  size: z.number(),
  files: z.number(),
  /** Families of injection that its text shows. */
  findings: z.array(z.string()),
  created_by: z.string(),
  created_at: z.string(),
})

export const toVersionRow = (version: SkillVersion, { version: inForce }: Skill) => ({
  version: version.number,
  in_force: version.number === inForce,
  description: version.description,
  hash: version.contentHash,
  size: version.size,
  files: version.fileCount,
  findings: [...version.findings],
  created_by: version.createdBy,
  created_at: time(version.createdAt),
})

/** Admins see all; everybody else what an agent that they reach may load when it talks to them. */
export function seenSkills({ principal, snapshot }: OperationContext): readonly Skill[] {
  if (actsAsAdmin(principal)) return snapshot.skills
  return snapshot.skills.filter((skill) =>
    snapshot.agents.some(({ id }) => mayUseSkill(skill, id, principal.userId)),
  )
}

export function namedSkill(context: OperationContext, name: string): Result<Skill, Refusal> {
  const found = byIdOrName(seenSkills(context), name)
  return found === undefined ? err(notFound('skill')) : ok(found)
}

/** A key for some agents changes nothing that others are told as well. */
export function skillToChange(context: OperationContext, name: string): Result<Skill, Refusal> {
  return actsAsAdmin(context.principal) ? namedSkill(context, name) : err(needsAdmin('skills'))
}

export interface JudgedUpload {
  readonly bundle: SkillBundle
  readonly version: NewSkillVersion
}

/** By its form, then by what it says; evidence of the latter goes into the security log. */
export async function judgeUpload(
  { catalog, principal, snapshot, report }: OperationContext,
  upload: { readonly skill_md: string; readonly files: SkillBundle['files'] },
): Promise<Result<JudgedUpload, Refusal>> {
  const parsed = parseSkillBundle({ text: upload.skill_md, files: upload.files })
  if (!parsed.ok) return err(refusal('INVALID_REQUEST', parsed.error))
  const bundle = parsed.value
  const scanned = catalog.checkSkill(bundle, snapshot.config.gateway.injection_action)
  if (!scanned.ok) return err(refusal('INVALID_REQUEST', scanned.error))
  for (const family of scanned.value)
    report(securityEvent('injection_detected', { family, source: 'skill', skill: bundle.name }))
  const { description, text, files, size } = bundle
  const contentHash = await canonicalHash([text, files])
  const findings = scanned.value
  const createdBy = principal.userId
  const version = { description, text, files, size, contentHash, findings, createdBy }
  return ok({ bundle, version })
}

export const FULL = refusal(
  'RESOURCE_EXHAUSTED',
  `all versions of all skills of a tenant are at most ${SKILL_LIMITS.maxTenantBytes} bytes`,
)
