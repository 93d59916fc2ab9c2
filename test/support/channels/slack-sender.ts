/** Slack's side of a webhook: events signed as its documentation says, by node:crypto and nobody of ours. */
import { createHmac } from 'node:crypto'
import { SLACK_APP, SLACK_BOT, SLACK_TEAM } from './slack.ts'

export interface SlackMessage {
  readonly text: string
  /** Ends its identity: the same one is a repeat. */
  readonly ts: string
  readonly channel?: string
  readonly user?: string
  readonly more?: object
}

export const SIGNING_SECRET = 'b'.repeat(32)

/** `event_callback` of a message, directly or in a channel. */
export const eventOf = ({ text, ts, channel, user, more }: SlackMessage): string =>
  JSON.stringify({
    type: 'event_callback',
    api_app_id: SLACK_APP,
    team_id: SLACK_TEAM,
    event_id: `Ev${ts.replace('.', '')}`,
    event_time: Math.floor(Number(ts)),
    authorizations: [{ team_id: SLACK_TEAM, user_id: SLACK_BOT.user_id, is_bot: true }],
    event: {
      type: 'message',
      channel_type: channel?.startsWith('C') ? 'channel' : 'im',
      channel: channel ?? 'D0DIRECT01',
      user: user ?? 'U0PERSON01',
      text,
      ts,
      ...more,
    },
  })

export function signed(
  body: string,
  secret = SIGNING_SECRET,
  seconds = Math.floor(Date.now() / 1_000),
): Readonly<Record<string, string>> {
  const tag = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')
  return {
    'content-type': 'application/json',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${tag}`,
  }
}

export async function deliver(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = signed(body),
): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers: { ...headers }, body })
  await response.arrayBuffer()
  return response.status
}
