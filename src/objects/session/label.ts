/** Gives a session its label, and tells its owner. */
import type { Services } from '../../api/context.ts'
import type { MetaStore, SessionMeta } from './meta-store.ts'
import type { SessionIndex } from './session-index.ts'

export async function labelSession(
  session: SessionMeta,
  label: string | null,
  parts: { readonly services: Services; readonly meta: MetaStore; readonly index: SessionIndex },
): Promise<void> {
  parts.meta.write({ ...session, label })
  await parts.index.label(session, label)
  const { tenantId, sessionKey, owner: userId } = session
  const payload = { sessionKey, label: label ?? '', userId }
  const tenant = parts.services.tenant(tenantId)
  await tenant.publish('session.updated', payload, { kind: 'user', userId })
}
