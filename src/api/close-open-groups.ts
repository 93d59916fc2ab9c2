/**
 * What `security.audit` with `fix` does about channels that answer in whatever group they are brought to:
 * `open` becomes `allowlist`, where it is said. No list is touched, so that a group which is named goes on.
 */
import { updateChannelInstance } from '../db/channel-instances.ts'
import { loadConfig, writeConfig } from '../db/tenant-config.ts'
import type { TenantConfigDocument } from '../domain/config/tenant-config.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { OperationContext } from './context.ts'
import { mergePatch } from './merge-patch.ts'
import { changeTenant } from './tenant-change.ts'

const CLOSED = { group_policy: 'allowlist' } as const
const CHANGED = 'something was changed meanwhile: repeat'

/** @returns the ids of the checks that something was done for, one a platform */
export async function closeOpenGroups(
  context: Pick<OperationContext, 'services' | 'principal' | 'snapshot'>,
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
    if (!closed.ok) return err(refusal('FAILED_PRECONDITION', CHANGED))
  }
  if (isDefault) {
    const written = await closeDefault(context)
    if (!written.ok) return written
  }
  const types = [...own, ...inheriting]
    .filter(({ enabled, channelType }) => enabled && channelType !== 'webhook')
    .map(({ channelType }) => `channels.${channelType}.group.open`)
  return ok([...new Set(types)].sort())
}

async function closeDefault({
  services,
  principal: { userId },
  snapshot: { tenantId },
}: Pick<OperationContext, 'services' | 'principal' | 'snapshot'>): Promise<Result<null, Refusal>> {
  const db = services.database(tenantId)
  const current = await loadConfig(db, tenantId)
  if (current === null) return err(notFound('configuration'))
  const patched = mergePatch(current.document, { channels: { defaults: CLOSED } })
  const change = { document: patched as TenantConfigDocument, baseHash: current.hash, userId }
  const written = await changeTenant(services, tenantId, () =>
    writeConfig(db, tenantId, change, services.now()),
  )
  return written.ok ? ok(null) : err(refusal('FAILED_PRECONDITION', CHANGED))
}
