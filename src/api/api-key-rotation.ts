/**
 * A key's successor: the same rights under a new secret, while the old one goes on for as long as its
 * programs need to learn the new one.
 */
import { z } from 'zod'
import { createApiKey } from '../crypto/api-key.ts'
import { newId } from '../crypto/random.ts'
import { rotateApiKey } from '../db/api-key-rotation.ts'
import { findApiKeyRow } from '../db/api-keys.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { shownKey, showOnce } from './api-keys.ts'
import { makingKey, mayGrantKey } from './key-grantee.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'
import { time } from './time.ts'

const DAY_SECONDS = 24 * 3_600
/** Longer is not an overlap, but two keys. */
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS

const NOT_GOOD = refusal(
  'FAILED_PRECONDITION',
  'this key was revoked, rotated or has expired: create another one',
)

export const apiKeysRotate = operation({
  name: 'api_keys.rotate',
  summary:
    'Makes a successor of an API key, which ends after the overlap; it is answered this once',
  access: ADMIN,
  answersSecret: true,
  params: z.object({
    id: z.string().max(100),
    overlap_seconds: z.coerce.number().int().min(0).max(MAX_OVERLAP_SECONDS).default(DAY_SECONDS),
    tenant_id: z.string().max(100).nullish(),
  }),
  result: shownKey.extend({
    replaces: z.object({ id: z.string(), expires_at: z.string().nullable() }),
  }),
  audit: ({ id }, { id: successor }) => ({ key: id, successor }),
  http: { method: 'POST', path: '/v1/api-keys/{id}/rotate', status: 201 },
  run: async (context, params) => {
    const reached = await reachableTenant(context, params.tenant_id)
    if (!reached.ok) return reached
    const tenantId = reached.value
    const { services, principal } = context
    const db = services.database(tenantId)
    // Scopes, owner and lists of a key never change: what is judged here still holds below.
    const old = await findApiKeyRow(db, tenantId, params.id)
    if (old === null) return err(notFound('API key'))
    const granted = await mayGrantKey(context, tenantId, old)
    if (!granted.ok) return granted
    const { key, hash, prefix } = await createApiKey(tenantId)
    const maker = makingKey(principal)
    const made = { createdBy: principal.userId, createdByKey: maker?.id ?? null }
    const successor = { id: newId('key'), hash, prefix, ...made }
    const overlapMs = params.overlap_seconds * 1_000
    const rotation = { successor, notAfter: maker?.expiresAt ?? null, overlapMs }
    const rotated = await changeTenant(services, tenantId, () =>
      rotateApiKey(db, tenantId, params.id, rotation, services.now()),
    )
    if (!rotated.ok) return err(rotated.error === 'not_good' ? NOT_GOOD : notFound('API key'))
    const { before, after } = rotated.value
    return ok({
      ...showOnce(after, key),
      replaces: { id: before.id, expires_at: time(before.expiresAt) },
    })
  },
})
