/**
 * Brings every sealed value under the current key, in slices that may be cut off anywhere: a slice
 * that is repeated finds its values done. The gateway goes on serving: both keys open meanwhile, and
 * a value is exchanged only while it is the one that was read.
 *
 * A value may come under the old key behind the walk, from an isolate that was started before the
 * new one was set. So the walk is repeated until one pass found nothing to do: only then it is over.
 */
import { reseal } from '../../crypto/envelope.ts'
import type { KeyRing } from '../../crypto/keys.ts'
import type { Database } from '../../db/database.ts'
import {
  advanceRotation,
  FIRST_CURSOR,
  type KeyRotation,
  latestRotation,
  type RotationCursor,
} from '../../db/key-rotations.ts'
import { SEALED_COLUMNS, type SealedColumn } from '../../db/schema-walk.ts'
import {
  listSealedValues,
  placeOf,
  type SealedValue,
  type Swap,
  swapSealedValues,
} from '../../db/sealed-values.ts'
import type { TenantId } from '../../domain/ids.ts'

/** One batch of D1, and a few milliseconds of an isolate's time. */
export const SLICE_VALUES = 100

export interface RotationParts {
  db(): Database
  readonly keyRing: KeyRing
  /** Plain values are sealed by a rotation as well. */
  readonly acceptPlaintext: boolean
  now(): number
  /** A tenant's values were written anew: what holds the earlier ones lets go of them. */
  resealed(tenantId: TenantId): Promise<void>
  /** Before the end is written down; repeated when that failed. */
  finished(): Promise<void>
}

const nameOf = ({ table, column }: SealedColumn): string => `${table}.${column}`

/** @returns whether there is more to do */
export async function rotateSlice(parts: RotationParts): Promise<boolean> {
  const rotation = await latestRotation(parts.db())
  if (rotation === null || rotation.finishedAt !== null) return false
  const index = SEALED_COLUMNS.findIndex((column) => nameOf(column) === rotation.cursor.column)
  const column = SEALED_COLUMNS[Math.max(index, 0)]
  if (column === undefined) return false
  const after = index < 0 ? null : rotation.cursor.after
  const values = await listSealedValues(parts.db(), column, after, SLICE_VALUES)
  const { swaps, failed } = await resealed(parts, column, values)
  const rewritten = await swapSealedValues(parts.db(), column, swaps)
  for (const tenantId of new Set(swaps.map(({ value }) => value.tenantId)))
    await parts.resealed(tenantId)
  const seen = {
    ...rotation.cursor,
    column: nameOf(column),
    // Also those that somebody else changed meanwhile: what they are now is for the next pass.
    changed: rotation.cursor.changed + swaps.length,
    failed: rotation.cursor.failed + failed,
  }
  const last = values.at(-1)
  if (last !== undefined && values.length === SLICE_VALUES) {
    const { tenantId, row } = last
    await note(parts, rotation, { ...seen, after: { tenantId, row } }, rewritten)
    return true
  }
  const next = SEALED_COLUMNS[SEALED_COLUMNS.indexOf(column) + 1]
  if (next !== undefined) {
    await note(parts, rotation, { ...seen, column: nameOf(next), after: null }, rewritten)
    return true
  }
  return endPass(parts, rotation, seen, rewritten)
}

async function resealed(
  { keyRing, acceptPlaintext }: RotationParts,
  column: SealedColumn,
  values: readonly SealedValue[],
): Promise<{ readonly swaps: readonly Swap[]; readonly failed: number }> {
  const swaps: Swap[] = []
  let failed = 0
  for (const value of values) {
    const place = placeOf(column, value)
    const next = await reseal(keyRing, place, value.sealed, { acceptPlaintext })
    if (!next.ok) failed++
    else if (next.value !== null) swaps.push({ value, next: next.value })
  }
  return { swaps, failed }
}

async function endPass(
  parts: RotationParts,
  rotation: KeyRotation,
  seen: RotationCursor,
  rewritten: number,
): Promise<boolean> {
  if (seen.changed > 0) {
    const cursor = { ...FIRST_CURSOR, pass: seen.pass + 1 }
    await note(parts, { ...rotation, failed: seen.failed }, cursor, rewritten)
    return true
  }
  await parts.finished()
  const progress = { cursor: seen, rewritten, failed: seen.failed, isFinished: true }
  await advanceRotation(parts.db(), rotation.id, progress, parts.now())
  return false
}

/** What failed is told of the first pass as it goes, and from then on of the last whole one. */
const note = (
  { db, now }: RotationParts,
  rotation: KeyRotation,
  cursor: RotationCursor,
  rewritten: number,
): Promise<void> => {
  const failed = cursor.pass === 1 ? cursor.failed : rotation.failed
  return advanceRotation(db(), rotation.id, { cursor, rewritten, failed, isFinished: false }, now())
}
