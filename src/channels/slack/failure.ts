/** What the errors of Slack's Web API mean (docs.slack.dev: the errors of each method). */
import { z } from 'zod'
import type { ApiAnswer } from '../api-call.ts'
import { askedForPatience } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

const errorSchema = z.object({ ok: z.literal(false), error: z.string() })

const VOID_TOKEN = 'the bot token is void'
const GONE = 'the channel is gone, or the bot cannot see it'
const REASONS: Readonly<Record<string, string>> = {
  invalid_auth: VOID_TOKEN,
  not_authed: VOID_TOKEN,
  token_revoked: VOID_TOKEN,
  token_expired: VOID_TOKEN,
  account_inactive: 'the bot was removed from the workspace',
  team_access_not_granted: 'the app was not let into this workspace',
  missing_scope: 'the app lacks a scope: install it again with those of the manifest',
  no_permission: 'the app may not do this here',
  not_allowed_token_type: 'the token is not one of a bot',
  channel_not_found: GONE,
  not_in_channel: 'the bot is not a member of the channel: invite it',
  is_archived: 'the channel is archived',
  restricted_action: 'the workspace does not let the bot write there',
  user_not_found: 'this person is not in the workspace',
  messages_tab_disabled: 'the app takes no direct messages: switch its messages tab on',
  cannot_dm_bot: 'a bot cannot be written to',
  msg_too_long: 'the message is longer than Slack takes',
  message_not_found: 'the message is gone',
  cant_update_message: 'the message is not one of the bot',
  edit_window_closed: 'the message can no longer be changed',
  thread_not_found: 'the thread is gone',
  file_upload_size_restricted: 'the file is larger than the workspace allows',
}
const LIMITS = ['ratelimited', 'rate_limited', 'message_limit_exceeded']
const PASSING = ['service_unavailable', 'request_timeout', 'team_added_to_org', 'accesslimited']
/** Slack says of these that some of it may have been done. */
const UNSURE = ['fatal_error', 'internal_error']

/** Of an answer that is not what was hoped for. Only a plain code of Slack's is repeated. */
export function describeFailure({ status, headers, json }: ApiAnswer): SendFailure {
  const code = errorSchema.safeParse(json).data?.error ?? ''
  if (LIMITS.includes(code)) return askedForPatience(headers, '')
  const answered = /^[a-z_]{1,60}$/.test(code)
    ? `Slack answered ${code}`
    : `Slack answered ${status}, and no word of its documents`
  if (PASSING.includes(code)) return { kind: 'unavailable', reason: answered }
  // Done, perhaps, and told in a way that nobody can read.
  if (UNSURE.includes(code) || (code === '' && status < 300)) {
    return { kind: 'unknown', reason: answered }
  }
  return { kind: 'refused', reason: REASONS[code] ?? answered }
}
