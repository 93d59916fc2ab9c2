/**
 * How far a chain may be cut off: to the last record that is older than is kept, by the time that its MAC
 * covers. The copy is proven on the way: a broken one is cut nowhere, or the cut would hide the break.
 */
import { MAX_AUDIT_PAGE } from '../../db/audit-records.ts'
import type { AuditPoint, AuditRow, AuditState, BrokenLink } from '../../domain/audit-record.ts'
import {
  type ChainProof,
  endWalk,
  isBroken,
  walkFrom,
  walkRow,
} from '../../telemetry/audit-chain.ts'

/**
 * @param pageAfter the rows of the copy behind a record, a page of them
 * @param oldest the time from which on records are kept
 * @returns the end of what may go now, perhaps not of all that may; null: nothing
 */
export async function findCut(
  pageAfter: (sequence: number) => Promise<readonly AuditRow[]>,
  { head, checkpoint }: Pick<AuditState, 'head' | 'checkpoint'>,
  proof: ChainProof,
  oldest: number,
): Promise<AuditPoint | BrokenLink | null> {
  let walk = walkFrom(checkpoint)
  let cut: AuditRow | null = null
  /** Old, and of a key that is gone: good once a later record, or the head, vouches for it. */
  let waiting: AuditRow | null = null
  while (true) {
    const page = await pageAfter(walk.point.sequence)
    const rows = page.filter(({ sequence }) => sequence <= head.sequence)
    for (const row of rows) {
      const next = await walkRow(walk, row, proof)
      if (isBroken(next)) return next
      const isOld = row.createdAt < oldest
      if (next.unverified > walk.unverified) waiting = null
      walk = next
      if (walk.waiting > 0) {
        if (isOld) waiting = row
        continue
      }
      // What precedes a proven record is older than it, whether or not it is proven itself.
      if (!isOld) return waiting ?? cut
      cut = row
      waiting = null
    }
    if (cut !== null) return cut
    if (rows.length === MAX_AUDIT_PAGE) continue
    const end = endWalk(walk, head)
    if (isBroken(end)) return end
    return end.unverified === walk.unverified ? waiting : null
  }
}
