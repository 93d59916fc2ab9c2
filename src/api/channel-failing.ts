/**
 * Whether a channel fails, as its inbox told some seconds ago: overviews are asked for again and again, by
 * many at once, and a tenant may have many channels. Only a saving, in one isolate; it decides nothing.
 */
import type { ChannelInstance } from '../domain/channel.ts'
import type { TenantId } from '../domain/ids.ts'
import type { InboxHealth } from '../domain/ports/inbox.ts'
import type { Services } from './context.ts'

const LATELY_MS = 5_000

/** As many as the snapshots hold that the isolate remembers; a channel that was changed is another. */
const told = new WeakMap<ChannelInstance, { readonly at: number; readonly isFailing: boolean }>()

/** What stands in the way is newer than what went well, or waits for somebody. */
const isFailing = ({ dead, lastError, lastSentAt, lastReceivedAt }: InboxHealth): boolean =>
  dead > 0 || (lastError !== null && lastError.at >= Math.max(lastSentAt ?? 0, lastReceivedAt ?? 0))

/** @param instance of the tenant's own snapshot */
export async function isFailingLately(
  services: Pick<Services, 'inbox' | 'now'>,
  tenantId: TenantId,
  instance: ChannelInstance,
): Promise<boolean> {
  const known = told.get(instance)
  if (known !== undefined && services.now() - known.at < LATELY_MS) return known.isFailing
  // One that does not tell how it is, is not well. What is kept is the answer, and no request's promise.
  const failing = await services
    .inbox(tenantId, instance.id)
    .health()
    .then(isFailing, () => true)
  told.set(instance, { at: services.now(), isFailing: failing })
  return failing
}
