/** An answer of a schedule, said in a channel: only as long as the job's owner may still speak there. */
import { channelTarget } from '../../api/channel-target.ts'
import type { Services } from '../../api/context.ts'
import { newId } from '../../crypto/random.ts'
import type { DeliveryPort } from '../../domain/ports/schedule.ts'
import { err, ok } from '../../domain/result.ts'
import { recheckPrincipal } from '../authenticate.ts'
import type { Settings } from '../env.ts'

/** No tenant's `authVersion`: what the credential is worth is looked up. */
const NEVER = -1

export const createDelivery = (services: Services, settings: Settings): DeliveryPort => ({
  deliver: async ({ channel, to }, { principal }, content) => {
    if (channel === 'session' || to === undefined) return ok(null)
    const stored = { ...principal, authVersion: NEVER }
    const checked = await recheckPrincipal(stored, services, settings)
    if (!checked.ok) return err(checked.error.message)
    const target = channelTarget(checked.value, channel)
    if (!target.ok) return err(target.error.message)
    const inbox = services.inbox(principal.tenantId, target.value.id)
    if (await inbox.sayIn(to, { key: newId('say'), content })) return ok(null)
    return err(`nobody ${JSON.stringify(to)} has written in the channel ${target.value.name}`)
  },
})
