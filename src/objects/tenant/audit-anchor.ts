/**
 * Signed heads of audit chains, one a day, where neither database nor object can reach: whoever rolls both
 * back cannot take these along. They lie under the tenant's own prefix, and go with it.
 */
import { z } from 'zod'
import type { KeyRing } from '../../crypto/keys.ts'
import type { AuditPoint } from '../../domain/audit-record.ts'
import type { TenantId } from '../../domain/ids.ts'
import { chainKeys, isSignedHead, type SignedHead } from '../../telemetry/audit-chain.ts'

/** Of a bucket, what is needed. */
export interface AnchorStore {
  put(key: string, text: string): Promise<unknown>
  get(key: string): Promise<{ text(): Promise<string> } | null>
}

const DAY_MS = 86_400_000
/** A gateway that stood still for a weekend has its last head still. */
const DAYS_LOOKED_BACK = 4

const signedHeadSchema = z.object({
  tenantId: z.string(),
  sequence: z.number(),
  mac: z.string(),
  at: z.number(),
  signature: z.string(),
})

const keyOf = (tenantId: string, at: number): string =>
  `${encodeURIComponent(tenantId)}/audit/${new Date(at).toISOString().slice(0, 10)}.json`

export const writeAnchor = async (store: AnchorStore, head: SignedHead): Promise<void> => {
  await store.put(keyOf(head.tenantId, head.at), JSON.stringify(head))
}

/** The newest; one whose signature is none proves nothing. */
export async function readAnchor(
  store: AnchorStore,
  ring: KeyRing,
  tenantId: TenantId,
  now: number,
): Promise<AuditPoint | null> {
  const keys = await chainKeys(ring, tenantId)
  for (let day = 0; day < DAYS_LOOKED_BACK; day++) {
    const found = await store.get(keyOf(tenantId, now - day * DAY_MS))
    if (found === null) continue
    const head = parse(await found.text())
    if (head?.tenantId !== tenantId || !(await isSignedHead(keys, head))) return null
    return { sequence: head.sequence, mac: head.mac }
  }
  return null
}

function parse(text: string): SignedHead | null {
  try {
    return signedHeadSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
