/** API keys of the tenant: shown once, stored as hashes, revoked at once in every isolate. */
import { z } from 'zod'
import { createApiKey } from '../crypto/api-key.ts'
import { newId } from '../crypto/random.ts'
import { type ApiKeyRow, createApiKeyRow, listApiKeys, revokeApiKey } from '../db/api-keys.ts'
import { userIdSchema } from '../domain/ids.ts'
import { SCOPES } from '../domain/principal.ts'
import { notFound } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'

/** Ten years; a key that never expires is asked for by leaving `expires_in` out. */
const MAX_EXPIRY_SECONDS = 10 * 365 * 24 * 3_600

const keyRow = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  owner_id: z.string(),
  expires_at: z.string().nullable(),
  revoked: z.boolean(),
  last_used_at: z.string().nullable(),
  created_at: z.string(),
})

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const toRow = (row: ApiKeyRow): z.infer<typeof keyRow> => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: [...row.scopes],
  owner_id: row.ownerId,
  expires_at: time(row.expiresAt),
  revoked: row.revokedAt !== null,
  last_used_at: time(row.lastUsedAt),
  created_at: new Date(row.createdAt).toISOString(),
})

export const apiKeysList = operation({
  name: 'api_keys.list',
  summary: 'The API keys of the tenant, without their secrets',
  access: ADMIN,
  params: z.object({ tenant_id: z.string().max(100).nullish() }),
  result: z.object({ keys: z.array(keyRow) }),
  http: { method: 'GET', path: '/v1/api-keys' },
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const rows = await listApiKeys(context.services.database(tenantId.value), tenantId.value)
    return ok({ keys: rows.map(toRow) })
  },
})

export const apiKeysCreate = operation({
  name: 'api_keys.create',
  summary: 'Creates an API key; the key itself is answered this once',
  access: ADMIN,
  answersSecret: true,
  params: z.object({
    name: z.string().min(1).max(200),
    scopes: z.array(z.enum(SCOPES)).min(1),
    /** Seconds. */
    expires_in: z.number().int().positive().max(MAX_EXPIRY_SECONDS).nullish(),
    owner_id: userIdSchema.nullish(),
    tenant_id: z.string().max(100).nullish(),
  }),
  result: z.object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    key: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    expires_at: z.string().nullable(),
    created_at: z.string(),
  }),
  http: { method: 'POST', path: '/v1/api-keys', status: 201 },
  audit: ({ owner_id }, { id, scopes, expires_at }) => ({
    key: id,
    scopes: scopes.join(' '),
    expires_at: expires_at ?? 'never',
    ...(owner_id ? { owner: owner_id } : {}),
  }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services, principal } = context
    const made = await createApiKey(tenantId.value)
    const now = services.now()
    const row = {
      id: newId('key'),
      hash: made.hash,
      prefix: made.prefix,
      name: params.name,
      scopes: [...new Set(params.scopes)],
      ownerId: params.owner_id ?? principal.userId,
      createdBy: principal.userId,
      expiresAt: params.expires_in ? now + params.expires_in * 1_000 : null,
    }
    const stored = await changeTenant(services, tenantId.value, () =>
      createApiKeyRow(services.database(tenantId.value), tenantId.value, row, now),
    )
    const { id, name, prefix, scopes, expires_at, created_at } = toRow(stored)
    return ok({ id, name, prefix, key: made.key, scopes, expires_at, created_at })
  },
})

export const apiKeysRevoke = operation({
  name: 'api_keys.revoke',
  summary: 'Revokes an API key: its requests, sockets and runs end',
  access: ADMIN,
  params: z.object({ id: z.string().max(100), tenant_id: z.string().max(100).nullish() }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/api-keys/{id}' },
  audit: ({ id }) => ({ key: id }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const revoked = await changeTenant(services, tenantId.value, () =>
      revokeApiKey(services.database(tenantId.value), tenantId.value, params.id, services.now()),
    )
    return revoked.ok ? ok({ ok: true as const, id: params.id }) : err(notFound('API key'))
  },
})
