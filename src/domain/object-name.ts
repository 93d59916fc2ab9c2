/**
 * Names of Durable Objects. After authentication every name begins with the tenant id taken from
 * the principal, never from a parameter; parts are percent-encoded, so that no user id can hold
 * the separator and reach another's object.
 */
import type { AgentId, TenantId, UserId } from './ids.ts'

const SEPARATOR = '/'
const name = (tenantId: TenantId, ...parts: readonly string[]): string =>
  [tenantId, ...parts].map(encodeURIComponent).join(SEPARATOR)

/** 256 shards spread the addresses of unauthenticated callers. */
export const ADDRESS_SHARDS = 256

export const tenantObjectName = (tenantId: TenantId): string => name(tenantId)
export const sessionObjectName = (tenantId: TenantId, sessionKey: string): string =>
  name(tenantId, sessionKey)
export const workspaceObjectName = (tenantId: TenantId, agentId: AgentId, userId: UserId): string =>
  name(tenantId, agentId, userId)
export const limiterObjectName = (tenantId: TenantId, userId: UserId): string =>
  name(tenantId, userId)

export const inboxObjectName = (tenantId: TenantId, instanceId: string): string =>
  name(tenantId, instanceId)

/** FNV-1a over the address: spreads well, and nothing secret depends on it. */
export function addressShardName(address: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < address.length; i++) {
    hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193)
  }
  return `addresses/${(hash >>> 0) % ADDRESS_SHARDS}`
}

/** The tenant and the further parts that a name was made of; null for a name of another shape. */
export function parseObjectName(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null
  try {
    return text.split(SEPARATOR).map(decodeURIComponent)
  } catch {
    return null
  }
}
