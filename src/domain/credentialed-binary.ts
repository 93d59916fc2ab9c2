/**
 * Registered binaries as the tenant's snapshot carries them: who may call what, and where it is.
 * No secret is in here, and none can be derived: the sealed environment stays in the database until
 * an exec really starts.
 */
import { z } from 'zod'
import { agentIdSchema, binaryIdSchema } from './ids.ts'

export const binaryGrantSchema = z.object({
  agentId: agentIdSchema,
  /** Beside the binary's own: a grant only narrows. */
  denyArgs: z.array(z.string()),
})
export type BinaryGrant = Readonly<z.infer<typeof binaryGrantSchema>>

export const credentialedBinarySchema = z.object({
  id: binaryIdSchema,
  /** What a command calls it by. */
  name: z.string(),
  /** What runs, whatever the command's own spelling. */
  absolutePath: z.string(),
  description: z.string(),
  denyArgs: z.array(z.string()),
  /** Options that would print the credential or what is near it. */
  denyVerbose: z.array(z.string()),
  /** What its container may reach; empty for one without network. */
  hosts: z.array(z.string()),
  hasCredential: z.boolean(),
  timeoutSeconds: z.number().int().positive(),
  isGlobal: z.boolean(),
  enabled: z.boolean(),
})
export type CredentialedBinary = Readonly<z.infer<typeof credentialedBinarySchema>>

export interface GrantedBinary extends CredentialedBinary {
  readonly grants: readonly BinaryGrant[]
}
