/** Proves the copy of a chain against its object. A cut that was made meanwhile is no break: it looks again. */
import { listAuditRows, MAX_AUDIT_PAGE } from '../db/audit-records.ts'
import type { AuditPoint, AuditProof, BrokenLink } from '../domain/audit-record.ts'
import type { TenantId } from '../domain/ids.ts'
import {
  type ChainWalk,
  chainKeysById,
  endWalk,
  isBroken,
  walkFrom,
  walkRows,
} from '../telemetry/audit-chain.ts'
import type { Services } from './context.ts'

const ATTEMPTS = 3

export interface ChainVerdict {
  readonly ok: boolean
  readonly checked: number
  readonly unverified: number
  readonly head: number
  readonly checkpoint: number
  readonly firstBroken: BrokenLink | null
}

/** From behind one record on, or over so many of the newest; else all that is kept. */
export interface ProofRange {
  readonly after?: number
  readonly newest?: number
}

export async function proveChain(
  services: Services,
  tenantId: TenantId,
  range: ProofRange = {},
): Promise<ChainVerdict> {
  let state = await services.tenant(tenantId).auditProof()
  for (let attempt = 1; ; attempt++) {
    const { walked, broken } = await walk(services, tenantId, state, range)
    const verdict = {
      ok: broken === null,
      checked: walked.checked,
      unverified: walked.unverified,
      head: state.head.sequence,
      checkpoint: state.checkpoint.sequence,
      firstBroken: broken,
    }
    if (verdict.ok || attempt === ATTEMPTS) return verdict
    const now = await services.tenant(tenantId).auditProof()
    if (now.checkpoint.sequence === state.checkpoint.sequence) return verdict
    state = now
  }
}

interface Walked {
  readonly walked: ChainWalk
  readonly broken: BrokenLink | null
}

async function walk(
  services: Services,
  tenantId: TenantId,
  { head, checkpoint, eras, anchors, faults }: AuditProof,
  range: ProofRange,
): Promise<Walked> {
  const after = Math.max(range.after ?? 0, range.newest ? head.sequence - range.newest : 0)
  // Past the checkpoint the walk begins at a record whose own MAC says what came before it.
  let walked = walkFrom(
    after > checkpoint.sequence + 1 && after <= head.sequence
      ? await pointBefore(services, tenantId, after)
      : checkpoint,
  )
  if (anchors.some(({ sequence }) => sequence > head.sequence)) {
    return { walked, broken: { sequence: head.sequence + 1, fault: 'anchor_missed' } }
  }
  const proof = { keys: await chainKeysById(services.keyRing, tenantId), eras, anchors }
  while (true) {
    const rows = await listAuditRows(services.database(tenantId), tenantId, {
      after: walked.point.sequence,
      limit: MAX_AUDIT_PAGE,
    })
    // What is appended meanwhile lies behind the head that was asked for; what nobody appended, too.
    const asked = rows.filter(({ sequence }) => sequence <= head.sequence)
    const next = await walkRows(walked, asked, proof)
    if (isBroken(next)) return { walked, broken: next }
    walked = next
    if (asked.length < MAX_AUDIT_PAGE) break
  }
  const end = endWalk(walked, head)
  if (isBroken(end)) return { walked, broken: end }
  const stranger = await strangers(services, tenantId, head.sequence)
  // A copy that is whole takes nothing back of what lies, or lay, outside of it.
  return { walked: end, broken: stranger ?? faults[0] ?? null }
}

async function pointBefore(
  services: Services,
  tenantId: TenantId,
  sequence: number,
): Promise<AuditPoint> {
  const page = { after: sequence - 1, limit: 1 }
  const [row] = await listAuditRows(services.database(tenantId), tenantId, page)
  // One that is missing is found by the walk itself, as a gap.
  return { sequence: sequence - 1, mac: row?.previousMac ?? '' }
}

/** Rows behind the head, as the object knows it once they were read: nobody appended those. */
async function strangers(
  services: Services,
  tenantId: TenantId,
  head: number,
): Promise<BrokenLink | null> {
  const rows = await listAuditRows(services.database(tenantId), tenantId, {
    after: head,
    limit: MAX_AUDIT_PAGE,
  })
  const last = rows.at(-1)
  if (last === undefined) return null
  const now = await services.tenant(tenantId).auditState()
  const stranger = rows.find(({ sequence }) => sequence > now.head.sequence)
  return stranger === undefined ? null : { sequence: stranger.sequence, fault: 'beyond_head' }
}
