/** Slack: the Events API, buttons and slash commands in, the Web API out. */
import { err, ok } from '../../domain/result.ts'
import type { ChannelPlatform } from '../platform.ts'
import { type SlackCredentials, slackCredentials } from './credentials.ts'
import { MAX_SLACK_CHARS, measureSlack } from './dialect.ts'
import { MAX_SLACK_FILE_BYTES } from './files.ts'
import { normalizeSlackSender } from './ids.ts'
import { isOfApp, parseRequest } from './parse.ts'
import { readRequest } from './payload.ts'
import { slackClient } from './send.ts'
import { verifySlack } from './verify.ts'

/** `chat.update` may be called about fifty times a minute. */
const MIN_EDIT_MS = 1_200

export const slack: ChannelPlatform<SlackCredentials> = {
  type: 'slack',
  credentials: slackCredentials,
  baseUrl: 'https://slack.com/api',
  maxChunk: MAX_SLACK_CHARS,
  measure: measureSlack,
  maxFileBytes: MAX_SLACK_FILE_BYTES,
  minEditMs: MIN_EDIT_MS,
  normalizeSender: normalizeSlackSender,
  receive: async (delivery, credentials, { nowMs, self }) => {
    const proven = await verifySlack(delivery, credentials.signing_secret, nowMs)
    if (!proven.ok) return proven
    const { body } = delivery
    const request = readRequest(body)
    if (request === null) return err('malformed')
    const { app_id: ours } = credentials
    if (ours !== undefined && !isOfApp(request, ours)) return err('malformed')
    const parsed = await parseRequest(request, { self, credentials, proven: proven.value, body })
    return ok({ ...parsed, replayKey: proven.value.replayKey })
  },
  client: slackClient,
}
