/** Rotation of the key that secrets are sealed under: begun once, driven by the platform's own object. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { type KeyRotation, latestRotation, startRotation } from '../db/key-rotations.ts'
import { SEALED_COLUMNS } from '../db/schema-walk.ts'
import { countSealedValues } from '../db/sealed-values.ts'
import { ok } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { PLATFORM } from './access.ts'
import type { Services } from './context.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'

const rotationRow = z.object({
  id: z.string(),
  /** Values that were brought under the current key. */
  rewritten: z.number(),
  /** Values that no key opens; they stay as they are. */
  failed: z.number(),
  /** Values that this walk through all of them has not come to yet. */
  remaining: z.number(),
  pass: z.number(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
})

async function toRow(
  services: Services,
  rotation: KeyRotation,
): Promise<z.infer<typeof rotationRow>> {
  const { id, rewritten, failed, cursor, createdAt, finishedAt } = rotation
  return {
    id,
    rewritten,
    failed,
    remaining: finishedAt === null ? await remainingOf(services, rotation) : 0,
    pass: cursor.pass,
    started_at: time(createdAt),
    finished_at: time(finishedAt),
  }
}

async function remainingOf(services: Services, { cursor }: KeyRotation): Promise<number> {
  const at = SEALED_COLUMNS.findIndex(({ table, column }) => `${table}.${column}` === cursor.column)
  const counts = await Promise.all(
    SEALED_COLUMNS.slice(Math.max(at, 0)).map((column, i) =>
      countSealedValues(services.directory(), column, i === 0 && at >= 0 ? cursor.after : null),
    ),
  )
  return counts.reduce((sum, values) => sum + values, 0)
}

export const keysRotate = operation({
  name: 'keys.rotate',
  summary: 'Brings every stored secret under the current encryption key, or goes on with that',
  access: PLATFORM,
  audit: (_, { id }) => ({ id }),
  params: z.object({}),
  result: rotationRow,
  http: { method: 'POST', path: '/v1/keys/rotation' },
  run: async ({ services, principal, report }) => {
    const db = services.directory()
    const latest = await latestRotation(db)
    const rotation =
      latest?.finishedAt === null
        ? latest
        : await startRotation(db, newId('rot'), principal.userId, services.now())
    await services.platform().rotate()
    report(securityEvent('key_rotated', { rotation: rotation.id }, 'info'))
    return ok(await toRow(services, rotation))
  },
})

export const keysRotation = operation({
  name: 'keys.rotation',
  summary: 'How far the last rotation of the encryption key has come',
  access: PLATFORM,
  params: z.object({}),
  result: z.object({ rotation: rotationRow.nullable() }),
  http: { method: 'GET', path: '/v1/keys/rotation' },
  run: async ({ services }) => {
    const latest = await latestRotation(services.directory())
    return ok({ rotation: latest && (await toRow(services, latest)) })
  },
})
