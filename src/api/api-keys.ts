/**
 * API keys of the tenant: shown once, stored as hashes, revoked at once in every isolate. What takes a
 * key's place is made in `api-key-rotation.ts`.
 */
import { z } from 'zod'
import { createApiKey } from '../crypto/api-key.ts'
import { newId } from '../crypto/random.ts'
import {
  type ApiKeyRow,
  createApiKeyRow,
  findApiKeyRow,
  listApiKeys,
  MAX_KEY_PAGE,
  revokeApiKey,
} from '../db/api-keys.ts'
import { memberIdSchema } from '../domain/channel-user.ts'
import type { AgentId, TenantId } from '../domain/ids.ts'
import { SCOPES } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent } from '../domain/tenant-snapshot.ts'
import { ADMIN } from './access.ts'
import type { OperationContext } from './context.ts'
import { isOfSomebodyAbove, makingKey, mayGrantKey } from './key-grantee.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'
import { time } from './time.ts'

/** Ten years; a key that never expires is asked for by leaving `expires_in` out. */
const MAX_EXPIRY_SECONDS = 10 * 365 * 24 * 3_600
/** They are read with the key at every look-up. */
const MAX_NETWORKS = 32
const MAX_AGENTS = 100

const keyRow = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  owner_id: z.string(),
  /** The key that made it: revoking that one revokes this one. */
  created_by_key: z.string().nullable(),
  allowed_networks: z.array(z.string()).nullable(),
  allowed_agents: z.array(z.string()).nullable(),
  /** The key that took its place. */
  rotated_to: z.string().nullable(),
  expires_at: z.string().nullable(),
  revoked: z.boolean(),
  last_used_at: z.string().nullable(),
  created_at: z.string(),
})

const toRow = (row: ApiKeyRow): z.infer<typeof keyRow> => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: [...row.scopes],
  owner_id: row.ownerId,
  created_by_key: row.createdByKey,
  allowed_networks: row.allowedNetworks,
  allowed_agents: row.allowedAgents,
  rotated_to: row.rotatedTo,
  expires_at: time(row.expiresAt),
  revoked: row.revokedAt !== null,
  last_used_at: time(row.lastUsedAt),
  created_at: time(row.createdAt),
})

/** The answer that shows a key, once. */
export const shownKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  key: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  expires_at: z.string().nullable(),
  created_at: z.string(),
})

export const showOnce = (stored: ApiKeyRow, key: string): z.infer<typeof shownKey> => {
  const { id, name, prefix, scopes, expires_at, created_at } = toRow(stored)
  return { id, name, prefix, key, scopes, expires_at, created_at }
}

export const apiKeysList = operation({
  name: 'api_keys.list',
  summary: 'The API keys of the tenant, newest first, without their secrets',
  access: ADMIN,
  params: z.object({
    tenant_id: z.string().max(100).nullish(),
    limit: z.coerce.number().int().min(1).max(MAX_KEY_PAGE).default(100),
    /** The id that the page before ended with. */
    after: z.string().max(100).optional(),
  }),
  result: z.object({ keys: z.array(keyRow) }),
  http: { method: 'GET', path: '/v1/api-keys' },
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { limit, after } = params
    const page = after === undefined ? { limit } : { limit, after }
    const rows = await listApiKeys(context.services.database(tenantId.value), tenantId.value, page)
    return ok({ keys: rows.map(toRow) })
  },
})

/** Enough to tell a narrow key from a wide one. */
const MAX_AUDITED = 20
const listed = (names: readonly string[]): string => names.slice(0, MAX_AUDITED).join(' ')

export const apiKeysCreate = operation({
  name: 'api_keys.create',
  summary:
    'Creates an API key; it is answered this once. Made by a key, it lives no longer than that one',
  access: ADMIN,
  answersSecret: true,
  params: z.object({
    name: z.string().min(1).max(200),
    scopes: z.array(z.enum(SCOPES)).min(1),
    /** Seconds. */
    expires_in: z.number().int().positive().max(MAX_EXPIRY_SECONDS).nullish(),
    owner_id: memberIdSchema.nullish(),
    tenant_id: z.string().max(100).nullish(),
    /** Addresses or CIDR ranges that it may come from; without them, any. */
    allowed_networks: z.array(z.string().trim().min(1).max(64)).min(1).max(MAX_NETWORKS).nullish(),
    /** Keys or ids of the agents that it reaches; without them, every one. */
    allowed_agents: z.array(z.string().min(1).max(100)).min(1).max(MAX_AGENTS).nullish(),
  }),
  result: shownKey,
  http: { method: 'POST', path: '/v1/api-keys', status: 201 },
  audit: ({ owner_id, allowed_agents, allowed_networks }, { id, scopes, expires_at }) => ({
    key: id,
    scopes: scopes.join(' '),
    ...(allowed_agents ? { agents: listed(allowed_agents) } : {}),
    ...(allowed_networks ? { networks: listed(allowed_networks) } : {}),
    expires_at: expires_at ?? 'never',
    ...(owner_id ? { owner: owner_id } : {}),
  }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services, principal } = context
    const scopes = [...new Set(params.scopes)]
    const ownerId = params.owner_id ?? principal.userId
    const granted = await mayGrantKey(context, tenantId.value, { scopes, ownerId })
    if (!granted.ok) return granted
    const lists = await listsOf(context, tenantId.value, params)
    if (!lists.ok) return lists
    const made = await createApiKey(tenantId.value)
    const now = services.now()
    const maker = makingKey(principal)
    const asked = params.expires_in ? now + params.expires_in * 1_000 : null
    const row = {
      id: newId('key'),
      hash: made.hash,
      prefix: made.prefix,
      name: params.name,
      scopes,
      ownerId,
      createdBy: principal.userId,
      createdByKey: maker?.id ?? null,
      ...lists.value,
      // Whoever finds a key that ends tomorrow must not make one that never does.
      expiresAt: earlier(asked, maker?.expiresAt ?? null),
    }
    const stored = await changeTenant(services, tenantId.value, () =>
      createApiKeyRow(services.database(tenantId.value), tenantId.value, row, now),
    )
    return ok(showOnce(stored, made.key))
  },
})

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

interface AskedLists {
  readonly allowed_networks?: readonly string[] | null | undefined
  readonly allowed_agents?: readonly string[] | null | undefined
}
interface KeyLists {
  readonly allowedNetworks: readonly string[] | null
  readonly allowedAgents: readonly AgentId[] | null
}

/** Agents by their ids: a key that is taken over by another agent leads to that one no more. */
async function listsOf(
  context: OperationContext,
  tenantId: TenantId,
  { allowed_networks: networks, allowed_agents: agents }: AskedLists,
): Promise<Result<KeyLists, Refusal>> {
  for (const network of networks ?? []) {
    const checked = context.catalog.checkNetwork(network)
    if (!checked.ok) return err(refusal('INVALID_REQUEST', `allowed_networks: ${checked.error}`))
  }
  const allowedNetworks = networks ? [...new Set(networks)] : null
  if (!agents) return ok({ allowedNetworks, allowedAgents: null })
  const own = context.snapshot.tenantId === tenantId ? context.snapshot : null
  const state = own ? null : await context.services.tenant(tenantId).current(null)
  const snapshot = own ?? (state?.found ? state.snapshot : null)
  const ids = new Set<AgentId>()
  for (const named of agents) {
    const agent = snapshot && findAgent(snapshot, named)
    if (!agent) return err(notFound('agent'))
    ids.add(agent.id)
  }
  return ok({ allowedNetworks, allowedAgents: [...ids] })
}

export const apiKeysRevoke = operation({
  name: 'api_keys.revoke',
  summary: 'Revokes an API key and all keys that it made: their requests, sockets and runs end',
  access: ADMIN,
  params: z.object({ id: z.string().max(100), tenant_id: z.string().max(100).nullish() }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/api-keys/{id}' },
  audit: ({ id }) => ({ key: id }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const db = services.database(tenantId.value)
    // Looked for first: a name that is none must not make every credential of the tenant be read anew.
    const known = await findApiKeyRow(db, tenantId.value, params.id)
    if (!known) return err(notFound('API key'))
    if (await isOfSomebodyAbove(context, tenantId.value, known.ownerId)) {
      return err(refusal('UNAUTHORIZED', 'nobody revokes the key of a person above themselves'))
    }
    const revoked = await changeTenant(services, tenantId.value, () =>
      revokeApiKey(db, tenantId.value, params.id, services.now()),
    )
    return revoked.ok ? ok({ ok: true as const, id: params.id }) : err(notFound('API key'))
  },
})
