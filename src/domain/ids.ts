/** Prefixed, branded identifiers: a UserId where a TenantId is asked does not compile. */
import { z } from 'zod'

const TENANT_ID = /^ten_[a-z0-9]{1,40}$/
const SAFE_ID = /^[a-z]{2,4}_[A-Za-z0-9]{1,64}$/

export const tenantIdSchema = z.string().regex(TENANT_ID).brand<'TenantId'>()
/** Half a surrogate pair has no UTF-8: two such ids would be one in storage, and no object's name. */
export const userIdSchema = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .brand<'UserId'>()
export const agentIdSchema = z.string().regex(SAFE_ID).brand<'AgentId'>()
export const providerIdSchema = z.string().regex(SAFE_ID).brand<'ProviderId'>()
export const binaryIdSchema = z.string().regex(SAFE_ID).brand<'BinaryId'>()
export const runIdSchema = z.string().regex(SAFE_ID).brand<'RunId'>()

export type TenantId = z.infer<typeof tenantIdSchema>
export type UserId = z.infer<typeof userIdSchema>
export type AgentId = z.infer<typeof agentIdSchema>
export type ProviderId = z.infer<typeof providerIdSchema>
export type BinaryId = z.infer<typeof binaryIdSchema>
export type RunId = z.infer<typeof runIdSchema>

/** The public part of a tenant's credentials (`ec_<locator>_…`) is its id without the prefix. */
export const locatorOf = (tenantId: TenantId): string => tenantId.slice('ten_'.length)

/** The tenant of the first start. */
export const DEFAULT_TENANT: TenantId = tenantIdSchema.parse('ten_default')
