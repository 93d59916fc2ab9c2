/** Connecting a Slack workspace by Slack's own page, instead of copying a token. */
import { z } from 'zod'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import {
  channelCreateFields,
  channelRow,
  checkChannelAgent,
  checkChannelConfig,
} from './channel-instance-fields.ts'
import { createInstance } from './channel-instances.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'

const { name, display_name, agent_id, enabled, config } = channelCreateFields
const instanceFields = { name, display_name, agent_id, enabled, config }

const secret = z.string().min(8).max(256)

export const slackInstall = operation({
  name: 'channels.slack.install',
  summary: 'Begins the installation of a Slack app: the address that the admin opens in a browser',
  access: ADMIN,
  params: z.object({
    ...instanceFields,
    client_id: z.string().min(1).max(100),
    client_secret: secret,
    signing_secret: secret,
    /** Id of the workspace, where Slack should offer no other. */
    team: z.string().max(40).optional(),
  }),
  result: z.object({ authorization_url: z.string(), expires_at: z.string() }),
  http: { method: 'POST', path: '/v1/channels/slack/install' },
  audit: (params) => ({ channel: params.name }),
  run: async (context, params) => {
    const agent = checkChannelAgent(context, params.agent_id)
    if (!agent.ok) return agent
    const checked = checkChannelConfig(context, 'slack', params.config)
    if (!checked.ok) return checked
    const { client_id: clientId, client_secret: clientSecret, signing_secret, team } = params
    const instance = {
      name: params.name,
      display_name: params.display_name,
      agent_id: params.agent_id,
      enabled: params.enabled,
      config: params.config,
    }
    const wanted = { clientId, clientSecret, signingSecret: signing_secret, team, instance }
    const begun = await context.channels.slack.start(wanted)
    if (!begun.ok) return err(refusal('FAILED_PRECONDITION', begun.error))
    return ok({ authorization_url: begun.value.url, expires_at: time(begun.value.expiresAt) })
  },
})

export const slackInstalled = operation({
  name: 'channels.slack.installed',
  summary: 'Ends the installation with the code that the page of the gateway showed',
  access: ADMIN,
  params: z.object({ code: z.string().min(1).max(20_000) }),
  result: z.object({
    channel: channelRow,
    team: z.string().nullable(),
    missing_scopes: z.array(z.string()),
  }),
  http: { method: 'POST', path: '/v1/channels/slack/installed' },
  audit: (_, { channel }) => ({ channel: channel.id, channel_type: 'slack' }),
  run: async (context, { code }) => {
    const finished = await context.channels.slack.finish(code)
    if (!finished.ok) return err(refusal('FAILED_PRECONDITION', finished.error))
    const { instance, credentials, teamName, missingScopes } = finished.value
    const fields = z.object(instanceFields).parse(instance)
    // Judged anew: rights and agents may be others by now.
    const wanted = { ...fields, channel_type: 'slack' as const, credentials }
    const created = await createInstance(context, wanted)
    if (!created.ok) return created
    return ok({ channel: created.value, team: teamName, missing_scopes: [...missingScopes] })
  },
})
