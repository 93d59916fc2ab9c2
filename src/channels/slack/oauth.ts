/**
 * Installing one Slack app in the workspace of a tenant (OAuth v2). What is pure of it: where the
 * installing person is sent, and what their code is exchanged for. The state is made, bound to a
 * session and compared by whoever serves the routes; nothing is stored here.
 */
import { z } from 'zod'
import type { Fetch } from '../../domain/model.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { SendFailure } from '../platform.ts'
import { callSlack } from './web-api.ts'

export const SLACK_AUTHORIZE_URL = 'https://slack.com/oauth/v2/authorize'

/** What the channel needs, and nothing beyond. The manifest in docs/channels/slack.md asks for the same. */
export const SLACK_BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'im:history',
  'im:write',
  'mpim:history',
] as const

export interface AuthorizeRequest {
  readonly clientId: string
  readonly redirectUri: string
  /** Unguessable, and good once. */
  readonly state: string
  /** The workspace to install in, where it is known. */
  readonly team?: string
}

export function slackAuthorizeUrl({
  clientId,
  redirectUri,
  state,
  team,
}: AuthorizeRequest): string {
  const url = new URL(SLACK_AUTHORIZE_URL)
  url.search = new URLSearchParams({
    client_id: clientId,
    scope: SLACK_BOT_SCOPES.join(','),
    redirect_uri: redirectUri,
    state,
    ...(team === undefined ? {} : { team }),
  }).toString()
  return url.href
}

export interface CodeExchange {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly code: string
  /** The same as in the first step. */
  readonly redirectUri: string
}

export interface SlackInstallation {
  readonly botToken: string
  readonly botUserId: string
  readonly appId: string
  readonly teamId: string
  readonly teamName: string | null
  /** Asked for and not granted. */
  readonly missingScopes: readonly string[]
}

const grantSchema = z.object({
  ok: z.literal(true),
  app_id: z.string(),
  token_type: z.string(),
  access_token: z.string(),
  scope: z.string(),
  bot_user_id: z.string(),
  team: z.object({ id: z.string(), name: z.string().nullish() }).nullable(),
  is_enterprise_install: z.boolean().nullish(),
})

const refused = (reason: string) => err({ kind: 'refused', reason } as const)

/** A code is good once: after `unknown` the person begins anew. */
export async function exchangeSlackCode({
  fetch,
  baseUrl,
  clientId,
  clientSecret,
  code,
  redirectUri,
}: CodeExchange): Promise<Result<SlackInstallation, SendFailure>> {
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  const form = new URLSearchParams({ code, redirect_uri: redirectUri })
  const api = { fetch, baseUrl, authorization }
  const granted = await callSlack(api, 'oauth.v2.access', form, grantSchema)
  if (!granted.ok) return granted
  const { team, scope, token_type: tokenType, ...grant } = granted.value
  if (tokenType !== 'bot') return refused('the app was installed without its bot')
  if (team === null || grant.is_enterprise_install) {
    return refused('install the app in one workspace, not in the whole organisation')
  }
  const scopes = scope.split(',')
  return ok({
    botToken: grant.access_token,
    botUserId: grant.bot_user_id,
    appId: grant.app_id,
    teamId: team.id,
    teamName: team.name ?? null,
    missingScopes: SLACK_BOT_SCOPES.filter((wanted) => !scopes.includes(wanted)),
  })
}
