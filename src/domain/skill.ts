/**
 * Skills of a tenant as its snapshot carries them: what they are for and who may load them. What they
 * say, and their files, are read when one is loaded.
 */
import { z } from 'zod'
import { agentIdSchema, userIdSchema } from './ids.ts'

export const SKILL_LIMITS = {
  maxSkills: 100,
  maxNameChars: 64,
  /** Every model call of an agent that has it reads this. */
  maxDescriptionChars: 400,
  /** A model gets it in one piece, with the list of files. */
  maxTextBytes: 20 * 1024,
  maxFiles: 32,
  maxFileBytes: 64 * 1024,
  maxBundleBytes: 256 * 1024,
  /** Older ones go when a new one is made. */
  maxVersions: 20,
  /** Of all versions of all skills of a tenant. */
  maxTenantBytes: 32 * 1024 * 1024,
  maxGrants: 100,
} as const

/** As it stands in paths and in calls; one writing for one skill. */
export const SKILL_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

export const skillGrantSchema = z.object({
  agentId: agentIdSchema,
  /** Null: whoever talks to the agent. */
  userId: userIdSchema.nullable(),
})
export type SkillGrant = Readonly<z.infer<typeof skillGrantSchema>>

export const skillSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** One line, of the version in force. */
  description: z.string(),
  /** The version in force. */
  version: z.number(),
  enabled: z.boolean(),
  grants: z.array(skillGrantSchema).readonly(),
})
export type Skill = Readonly<z.infer<typeof skillSchema>>

export interface SkillFile {
  readonly path: string
  readonly content: string
}

/** What was uploaded, once it was judged. */
export interface SkillBundle {
  readonly name: string
  readonly description: string
  /** SKILL.md as a whole, front matter included. */
  readonly text: string
  /** In the order of their paths. */
  readonly files: readonly SkillFile[]
  /** In bytes, of everything. */
  readonly size: number
}

export interface UploadedSkill {
  readonly text: string
  readonly files: readonly SkillFile[]
}

/** Nobody has a skill that no grant names. A switched-off one nobody has. */
export const mayUseSkill = (
  { enabled, grants }: Pick<Skill, 'enabled' | 'grants'>,
  agentId: SkillGrant['agentId'],
  userId: string,
): boolean =>
  enabled &&
  grants.some(
    (grant) => grant.agentId === agentId && (grant.userId === null || grant.userId === userId),
  )
