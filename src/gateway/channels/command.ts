/** Carries out what was commanded in a conversation, and says what became of it. */
import type { Services } from '../../api/context.ts'
import type { ChannelCommand } from '../../channels/commands.ts'
import { helpText } from '../../channels/replies.ts'
import { CHANNEL_USER_PREFIX } from '../../domain/channel-user.ts'
import type { Principal } from '../../domain/principal.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { dispatchByName } from '../dispatch.ts'
import type { Settings } from '../env.ts'
import { RATE_TAKEN } from '../operation-rate.ts'
import { ownerPrincipal, type Place } from './place.ts'

export interface CommandParts {
  readonly services: Services
  readonly settings: Settings
  readonly snapshot: TenantSnapshot
  readonly principal: Principal
  readonly place: Place
  readonly isGroup: boolean
  readonly isOwner: boolean
}

/** What is shown of a run is the inbox's to switch. */
type CarriedOut = Exclude<ChannelCommand, { readonly isOn: boolean | null }>

export async function carryOut(command: CarriedOut, parts: CommandParts): Promise<string> {
  if ('problem' in command) return command.problem
  const { services, principal, place, isGroup, isOwner } = parts
  const session = services.session(principal.tenantId, place.sessionKey)
  switch (command.name) {
    case 'help':
      return helpText({ isGroup, isOwner })
    case 'stop': {
      const stopped = await session.abort(principal)
      return stopped.ok && stopped.value.length > 0 ? 'Stopped.' : 'Nothing is running here.'
    }
    case 'reset': {
      const reset = await session.reset(principal)
      // There may be no conversation yet: then it is as new as can be.
      const isDone = reset.ok || reset.error.code === 'NOT_FOUND'
      return isDone ? 'This conversation begins anew.' : reset.error.message
    }
    case 'status': {
      const status = await session.status(principal)
      const isRunning = status.ok && status.value.isRunning
      return `Agent \`${place.agentKey}\`: ${isRunning ? 'working on something here' : 'ready'}.`
    }
    case 'stopall':
      return stopAll(parts)
    case 'approve':
      return answerQuestion(command.approvalId, command.decision, parts)
  }
}

/** Everything that came in over channels: what people began elsewhere is not a channel's to stop. */
async function stopAll({ services, principal }: CommandParts): Promise<string> {
  const { tenantId } = principal
  const owner = ownerPrincipal(principal)
  const runs = (await services.tenant(tenantId).runningRuns()).filter(({ userId }) =>
    userId.startsWith(CHANNEL_USER_PREFIX),
  )
  const stopped = await Promise.all(
    runs.map(({ sessionKey, runId }) => services.session(tenantId, sessionKey).abort(owner, runId)),
  )
  const count = stopped.flatMap((result) => (result.ok ? [...result.value] : [])).length
  return count === 0 ? 'Nothing is running.' : `Stopped ${count} run${count === 1 ? '' : 's'}.`
}

/** By the operations that everybody answers by: the same checks, and the same line in the trail. */
export async function answerQuestion(
  approvalId: string,
  decision: 'allow-once' | 'allow-always' | 'deny',
  { services, settings, snapshot, principal, place }: CommandParts,
): Promise<string> {
  const isAllowed = decision !== 'deny'
  const method = isAllowed ? 'exec.approval.approve' : 'exec.approval.deny'
  const params = isAllowed
    ? { id: approvalId, always: decision === 'allow-always' }
    : { id: approvalId }
  const answered = await dispatchByName(method, params, {
    // The trail names whoever answered, not the group they did it in.
    principal: { ...ownerPrincipal(principal), userId: place.person },
    snapshot,
    services,
    settings,
    replyTo: { kind: 'none' },
    defaultSessionKey: null,
    operations: RATE_TAKEN,
  })
  if (!answered.ok) return answered.error.message
  return isAllowed ? 'Allowed.' : 'Denied.'
}
