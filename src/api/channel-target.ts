/** Who may have something said in a channel's conversation that nobody there asked for. */
import type { ChannelInstance } from '../domain/channel.ts'
import { isTenantAdmin, type Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { namedChannel } from './channel-instance-fields.ts'

const NOT_ADMIN = refusal(
  'UNAUTHORIZED',
  'only an admin may have something said in a channel: it speaks with the bot’s name',
)

/** Every time anew: whoever was an admin yesterday speaks for nobody today. */
export function channelTarget(
  { principal, snapshot }: { readonly principal: Principal; readonly snapshot: TenantSnapshot },
  channel: string,
): Result<ChannelInstance, Refusal> {
  if (!isTenantAdmin(principal)) return err(NOT_ADMIN)
  const found = namedChannel(snapshot, channel)
  if (!found.ok) return found
  const { enabled, agentId, name } = found.value
  const { allowedAgents } = principal
  if (allowedAgents !== null && !allowedAgents.includes(agentId)) return err(NOT_ADMIN)
  return enabled
    ? found
    : err(refusal('FAILED_PRECONDITION', `the channel ${name} is switched off`))
}
