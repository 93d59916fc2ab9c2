/** An admin's dealings with a platform: are the credentials right, who is it, where does it deliver. */

import { hooksSchema } from '../../channels/webhook/config.ts'
import { isEqualSecret } from '../../crypto/equal.ts'
import { type ChannelInstance, type ChannelType, isOfHooks } from '../../domain/channel.ts'
import { channelInstanceConfigSchema } from '../../domain/config/channels.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import type { ChannelAdminPort } from '../../domain/ports/channel-admin.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { logError } from '../../telemetry/log.ts'
import type { Settings } from '../env.ts'
import type { ChannelAdminParts } from './admin-parts.ts'
import { clientOf, credentialsOf } from './instances.ts'
import { platformOf } from './platforms.ts'
import { createSlackInstall } from './slack-install.ts'
import { wordsOf } from './words-of-failure.ts'

const STOPPED = 'an emergency stop is in force: nothing outside is reached until it is released'

export const webhookPathOf = (instance: Pick<ChannelInstance, 'id' | 'channelType'>): string =>
  isOfHooks(instance)
    ? `/hooks/${instance.id}/{name}`
    : `/channels/${instance.channelType}/${instance.id}`

export function createChannelAdmin(parts: ChannelAdminParts): ChannelAdminPort {
  const { services, settings, tenantId, snapshot, ownOrigin } = parts

  const client = async (instance: ChannelInstance) => {
    const platform = platformOf(instance.channelType)
    const config = channelInstanceConfigSchema.safeParse(instance.config)
    if (platform === null || !config.success) return null
    const credentials = await credentialsOf(services, tenantId, instance, platform)
    return (
      credentials &&
      clientOf(
        { platform, credentials, config: config.data },
        { settings, tenantId, now: services.now },
      )
    )
  }

  const webhookUrlOf: ChannelAdminPort['webhookUrlOf'] = (instance) =>
    `${ownOrigin}${webhookPathOf(instance)}`

  return {
    slack: createSlackInstall(parts),
    checkCredentials: (type, given) => checkCredentials(type, given, settings),
    faultOfHooks,
    baseUrlOf: (type) => platformOf(type)?.baseUrl ?? null,
    webhookUrlOf,
    connect: async (instance) => {
      if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
      const own = await client(instance)
      if (!own) return err('the channel has no credentials that can be read; set them again')
      try {
        const bot = await own.identify()
        if (!bot.ok) return err(wordsOf(bot.error))
        if (own.register === undefined) return ok({ bot: bot.value, isRegistered: null })
        const registered = await own.register(webhookUrlOf(instance))
        return registered.ok
          ? ok({ bot: bot.value, isRegistered: true })
          : err(`${bot.value.username ?? bot.value.id}: ${wordsOf(registered.error)}`)
      } catch (error) {
        logError('channel.connect', error, { instance: instance.id })
        return err('the platform could not be asked')
      }
    },
    disconnect: async (instance) => {
      try {
        if (stopOfNetwork(snapshot.stops) === null) await (await client(instance))?.unregister?.()
      } catch (error) {
        logError('channel.disconnect', error, { instance: instance.id })
      }
    },
  }
}

async function checkCredentials(
  type: ChannelType,
  given: unknown,
  { token }: Settings,
): Promise<Result<Readonly<Record<string, string>>, string>> {
  const platform = platformOf(type)
  if (platform === null) return err(`${type} is not served by this gateway`)
  const parsed = platform.credentials.safeParse(given)
  if (parsed.success) {
    // Whoever may call a hook must not be the gateway's operator by that.
    const secrets = Object.values(parsed.data)
    const isToken = await Promise.all(
      secrets.map(
        (secret) => token !== null && secret !== undefined && isEqualSecret(secret, token),
      ),
    )
    if (isToken.includes(true)) return err('must differ from the gateway’s own token')
    const entries = Object.entries(parsed.data).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    return ok(Object.fromEntries(entries))
  }
  const [issue] = parsed.error.issues
  // The name of the field and the rule: never what was given.
  const where = (issue?.path ?? []).map(String).join('.')
  const keys = issue?.code === 'unrecognized_keys' ? `does not know ${issue.keys.join(', ')}` : ''
  return err([where, keys || issue?.message || 'is not valid'].filter(Boolean).join(' '))
}

/** A hook that cannot be read would close all of its instance: it is refused where it is written. */
function faultOfHooks(hooks: unknown): string | null {
  const parsed = hooksSchema.safeParse(hooks)
  if (parsed.success) return null
  const [issue] = parsed.error.issues
  const where = ['hooks', ...(issue?.path ?? []).map(String)].join('.')
  return `${where}: ${issue?.message ?? 'is not valid'}`
}
