/**
 * Installing a tenant's Slack app in a workspace. What the exchange needs waits sealed, for the admin who
 * began it, once; the code comes back over a page that takes nothing from a browser which proves nobody.
 */
import { z } from 'zod'
import { exchangeSlackCode, slackAuthorizeUrl } from '../../channels/slack/oauth.ts'
import { openChannelCredentials, sealChannelCredentials } from '../../crypto/channel-secret.ts'
import { hashLocatedToken, installStateToken } from '../../crypto/located-token.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import type { UserId } from '../../domain/ids.ts'
import type { SlackInstallPort } from '../../domain/ports/channel-admin.ts'
import { err, ok } from '../../domain/result.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { guardedWay } from '../guarded-way.ts'
import { parseHandover } from '../mcp/callback.ts'
import type { ChannelAdminParts } from './admin-parts.ts'
import { withoutSlash } from './instances.ts'
import { platformOf } from './platforms.ts'
import { wordsOf } from './words-of-failure.ts'

export const INSTALL_CALLBACK_PATH = '/v1/channels/callback'

/** A person reads a page and chooses a workspace. */
const PENDING_MS = 10 * 60_000
const CALL_MS = 15_000
const MAX_ANSWER_BYTES = 256 * 1_024

const STOPPED = 'an emergency stop is in force: nothing outside is reached until it is released'
const AGAIN = 'this installation was not begun by you, or is over; begin again'

const pendingSchema = z.object({
  clientId: z.string(),
  clientSecret: z.string(),
  signingSecret: z.string(),
  /** The operation's own fields, as they were judged when it began. */
  instance: z.string(),
})

const placeOf = (state: string, userId: UserId): Promise<string> =>
  hashLocatedToken(JSON.stringify([state, userId]))

/** Nothing is stored under it: it only says what the sealed text is for. */
const ROW = 'installation'

export function createSlackInstall(parts: ChannelAdminParts): SlackInstallPort {
  const { services, settings, tenantId, userId, snapshot, ownOrigin } = parts
  const redirectUri = `${ownOrigin}${INSTALL_CALLBACK_PATH}`

  return {
    start: async ({ clientId, clientSecret, signingSecret, team, instance }) => {
      if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
      if (ownOrigin === '') return err('the gateway does not know its own address here')
      const state = installStateToken.create(tenantId)
      const pending = { clientId, clientSecret, signingSecret, instance: JSON.stringify(instance) }
      const body = await sealChannelCredentials(services.keyRing, tenantId, ROW, pending)
      const isKept = await services
        .tenant(tenantId)
        .keepOnce(await placeOf(state, userId), { kind: 'authorization', userId, body }, PENDING_MS)
      if (!isKept) return err('too much is begun at once; try again later')
      const url = slackAuthorizeUrl({ clientId, redirectUri, state, ...(team ? { team } : {}) })
      return ok({ url, expiresAt: services.now() + PENDING_MS })
    },

    finish: async (text) => {
      if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
      const handover = parseHandover(text)
      if (handover === null) return err('this is not what the page of the gateway has shown')
      const kept = await services.tenant(tenantId).takeOnce(await placeOf(handover.state, userId))
      const opened =
        kept === null ? null : await openChannelCredentials(services.keyRing, tenantId, ROW, kept)
      if (!opened?.ok) return err(AGAIN)
      const pending = pendingSchema.parse(JSON.parse(opened.value.text))
      const instance = JSON.parse(pending.instance) as Readonly<Record<string, unknown>>
      const { api_base_url: given, allow_private_network: isPrivate } = (instance['config'] ??
        {}) as { readonly api_base_url?: string; readonly allow_private_network?: boolean }
      const limits = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: CALL_MS }
      const way = { settings, tenantId, now: services.now, purpose: 'channels' }
      const fetch =
        given === undefined
          ? createGuardedFetch({ requireHttps: true, maxRedirects: 0, ...limits })
          : guardedWay(way, {
              ...limits,
              allowPrivateNetwork: isPrivate === true,
              isStreamed: false,
            }).fetch
      const granted = await exchangeSlackCode({
        fetch,
        baseUrl: withoutSlash(given ?? platformOf('slack')?.baseUrl ?? ''),
        clientId: pending.clientId,
        clientSecret: pending.clientSecret,
        code: handover.code,
        redirectUri,
      })
      if (!granted.ok) return err(wordsOf(granted.error))
      const { botToken, appId, teamId, teamName, missingScopes } = granted.value
      return ok({
        instance,
        credentials: {
          bot_token: botToken,
          signing_secret: pending.signingSecret,
          app_id: appId,
          team_id: teamId,
        },
        teamName,
        missingScopes,
      })
    },
  }
}
