/**
 * The instance that a webhook's address names, with its credentials opened. Warm, a delivery costs no D1
 * read: whose instance it is never changes, and the row comes with the tenant's snapshot, proven fresh
 * by one hop. Opened credentials are remembered for the row they were opened from.
 */
import type { Services } from '../../api/context.ts'
import type { ChannelClient, ChannelPlatform } from '../../channels/platform.ts'
import { openChannelCredentials } from '../../crypto/channel-secret.ts'
import { findChannelTenant } from '../../db/directory.ts'
import type { ChannelInstance, ChannelType } from '../../domain/channel.ts'
import {
  type ChannelInstanceConfig,
  channelInstanceConfigSchema,
} from '../../domain/config/channels.ts'
import type { TenantId } from '../../domain/ids.ts'
import { WORKSPACE_LIMITS } from '../../domain/ports/workspace.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { logError } from '../../telemetry/log.ts'
import { freshSnapshot } from '../freshness.ts'
import { guardedWay, type WayParts } from '../guarded-way.ts'
import { platformOf } from './platforms.ts'

export type Credentials = Readonly<Record<string, string | undefined>>

export interface OpenedInstance {
  readonly snapshot: TenantSnapshot
  readonly instance: ChannelInstance
  readonly config: ChannelInstanceConfig
  readonly platform: ChannelPlatform<Credentials>
  readonly credentials: Credentials
}

const MAX_REMEMBERED = 2_000
/** As a file may take, in or out; every other call has a shorter time of its own. */
const WAY_TIMEOUT_MS = 60_000
/** No file that a workspace would not hold is taken from a platform; a runner fetches no larger one. */
const MAX_ANSWER_BYTES = WORKSPACE_LIMITS.maxFileBytes

/** Of the isolate: an id is never another tenant's. */
const tenants = new Map<string, TenantId>()
const opened = new WeakMap<ChannelInstance, Credentials>()

const INSTANCE_ID = /^chn_[a-z0-9]{20}$/

async function tenantOf(services: Services, instanceId: string): Promise<TenantId | null> {
  const known = tenants.get(instanceId)
  if (known) return known
  // An id that cannot be one costs no query.
  if (!INSTANCE_ID.test(instanceId)) return null
  const found = await findChannelTenant(services.directory(), instanceId)
  if (found === null) return null
  if (tenants.size >= MAX_REMEMBERED) tenants.clear()
  tenants.set(instanceId, found)
  return found
}

/** Null for whatever is not there, not of this type, or switched off: a stranger learns no difference. */
export async function findOpenInstance(
  services: Services,
  type: ChannelType,
  instanceId: string,
): Promise<OpenedInstance | null> {
  const tenantId = await tenantOf(services, instanceId)
  if (tenantId === null) return null
  const found = await openInstance(services, tenantId, instanceId)
  return found !== null && found.instance.channelType === type ? found : null
}

/** As it is now. */
export async function openInstance(
  services: Services,
  tenantId: TenantId,
  instanceId: string,
): Promise<OpenedInstance | null> {
  const snapshot = await freshSnapshot(services, tenantId)
  if (snapshot?.status !== 'active') return null
  const instance = snapshot.channelInstances.find(({ id }) => id === instanceId)
  if (!instance?.enabled) return null
  const platform = platformOf(instance.channelType)
  const config = channelInstanceConfigSchema.safeParse(instance.config)
  if (platform === null || !config.success) return null
  const credentials = await credentialsOf(services, tenantId, instance, platform)
  if (credentials === null) return null
  return { snapshot, instance, config: config.data, platform, credentials }
}

export async function credentialsOf(
  services: Services,
  tenantId: TenantId,
  instance: ChannelInstance,
  platform: ChannelPlatform<Credentials>,
): Promise<Credentials | null> {
  const known = opened.get(instance)
  if (known) return known
  if (instance.sealedCredentials === null) return null
  const { id, sealedCredentials } = instance
  const text = await openChannelCredentials(services.keyRing, tenantId, id, sealedCredentials)
  if (!text.ok) {
    logError('channel.credentials', new Error('they cannot be opened'), { instance: id })
    return null
  }
  const parsed = platform.credentials.safeParse(JSON.parse(text.value.text))
  if (!parsed.success) return null
  opened.set(instance, parsed.data)
  return parsed.data
}

/** Paths are put behind it with a slash of their own. */
export const withoutSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)

/** Speaks to the platform itself, or to where an owner of the gateway said it is. */
export function clientOf(
  { platform, credentials, config }: Pick<OpenedInstance, 'platform' | 'credentials' | 'config'>,
  way: Omit<WayParts, 'purpose'>,
): ChannelClient {
  const { api_base_url: given, allow_private_network: allowPrivateNetwork } = config
  const baseUrl = withoutSlash(given ?? platform.baseUrl)
  const limits = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: WAY_TIMEOUT_MS }
  // A platform's own address is ours to know; any other, and every callback, a tenant chose.
  const isOwn = given === undefined && platform.baseUrl !== ''
  const { fetch } = isOwn
    ? { fetch: createGuardedFetch({ requireHttps: true, maxRedirects: 0, ...limits }) }
    : guardedWay(
        { ...way, purpose: 'channels' },
        { ...limits, allowPrivateNetwork, isStreamed: false },
      )
  return platform.client(credentials, { fetch, baseUrl })
}
