/**
 * The files that an agent is told at the start of every turn. Those of the agent are written by the
 * tenant's admins and say who it is; those of a user lie in that user's own workspace.
 */
import { z } from 'zod'
import { agentIdSchema } from './ids.ts'
import type { FileHead } from './ports/workspace.ts'

/** In the order in which they are told. */
export const AGENT_FILES = ['AGENTS.md', 'SOUL.md', 'IDENTITY.md', 'TOOLS.md'] as const
export const USER_FILES = ['USER.md', 'MEMORY.md'] as const
export const CONTEXT_FILES = [...AGENT_FILES, ...USER_FILES] as const

export type AgentFileName = (typeof AGENT_FILES)[number]
export type UserFileName = (typeof USER_FILES)[number]
export type ContextFileName = AgentFileName | UserFileName

/** Of one file: what a turn is told of it. */
export const MAX_FILE_CHARS = 20_000
/** Of all files of one agent, and once more of all files of one user. */
export const MAX_FILES_CHARS = 60_000

/** To read that much of it. A character has at most four bytes. */
export const MAX_HEAD_BYTES = 4 * MAX_FILE_CHARS

/** As people and models spell it; the first that is there is the one that the agent is told. */
export const spellingsOf = (name: UserFileName): readonly string[] => [name, name.toLowerCase()]

export const headOf = (heads: readonly FileHead[], name: UserFileName): FileHead | undefined =>
  spellingsOf(name)
    .map((path) => heads.find(({ entry }) => entry.path === path))
    .find((head) => head !== undefined)

export const isAgentFile = (name: ContextFileName): name is AgentFileName =>
  (AGENT_FILES as readonly string[]).includes(name)

export const agentFileSchema = z.object({
  agentId: agentIdSchema,
  name: z.enum(AGENT_FILES),
  content: z.string(),
  updatedAt: z.number(),
})
/** A row as the tenant's snapshot carries it. */
export type AgentFile = Readonly<z.infer<typeof agentFileSchema>>
