/**
 * What `security.audit` with `fix` does about channels that answer in whatever group they are brought to:
 * `open` becomes `allowlist`, where it is said. No list is touched, so that a group which is named goes on.
 */
import { updateChannelInstance } from '../db/channel-instances.ts'
import { isOfHooks } from '../domain/channel.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { changeConfig } from './config-change.ts'
import type { OperationContext } from './context.ts'
import { mergePatch } from './merge-patch.ts'
import { changeTenant } from './tenant-change.ts'

const CLOSED = { group_policy: 'allowlist' } as const
const CHANGED = refusal('FAILED_PRECONDITION', 'a channel was changed meanwhile: repeat')

/** @returns the ids of the checks that something was done for, one a platform */
export async function closeOpenGroups(
  context: OperationContext,
): Promise<Result<readonly string[], Refusal>> {
  const { services, snapshot } = context
  const { tenantId, channelInstances, config } = snapshot
  const isDefault = config.channels.defaults.group_policy === 'open'
  const own = channelInstances.filter((instance) => instance.config['group_policy'] === 'open')
  const inheriting = channelInstances.filter(
    (instance) => isDefault && instance.config['group_policy'] === undefined,
  )
  const db = services.database(tenantId)
  for (const instance of own) {
    const patch = { config: { ...instance.config, ...CLOSED } }
    const closed = await changeTenant(services, tenantId, () =>
      updateChannelInstance(db, tenantId, instance, patch, services.now()),
    )
    if (!closed.ok) return err(CHANGED)
  }
  if (isDefault) {
    const patch = { channels: { defaults: CLOSED } }
    const changed = await changeConfig(context, {
      next: ({ document }) => ok(mergePatch(document, patch)),
    })
    if (!changed.ok) return changed
  }
  const types = [...own, ...inheriting]
    .filter((instance) => instance.enabled && !isOfHooks(instance))
    .map(({ channelType }) => `channels.${channelType}.group.open`)
  return ok([...new Set(types)].sort())
}
