/** What an admin's dealings with platforms are made of. */
import type { Services } from '../../api/context.ts'
import type { TenantId, UserId } from '../../domain/ids.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { Settings } from '../env.ts'

export interface ChannelAdminParts {
  readonly services: Services
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly userId: UserId
  readonly snapshot: Pick<TenantSnapshot, 'stops'>
  /** Scheme, host and port under which platforms reach the gateway. */
  readonly ownOrigin: string
}
