/** Files from and to Slack. The token goes to Slack's own hosts alone, whatever address a file has. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { callApi } from '../api-call.ts'
import { download } from '../download.ts'
import { isOwnAddress } from '../own-address.ts'
import type { InboundFile, OutboundFile, SendFailure, SentMessage } from '../platform.ts'
import { isUserId } from './ids.ts'
import type { SlackAddress } from './reply-address.ts'
import { callSlack, type WebApiParts } from './web-api.ts'

/** Slack's own figure for one file. */
export const MAX_SLACK_FILE_BYTES = 1_024 * 1_024 * 1_024

const done = z.object({ ok: z.literal(true) })
const opened = done.extend({ channel: z.object({ id: z.string() }) })
const place = done.extend({ upload_url: z.string(), file_id: z.string() })

const refused = (reason: string) => err({ kind: 'refused', reason } as const)

/** Slack's own by name and over TLS, or where the API itself is. */
export const isSlackAddress = (address: string, baseUrl: string): boolean =>
  isOwnAddress(address, baseUrl, ['slack.com'])

export async function fetchSlackFile(
  { fetch, baseUrl, authorization }: WebApiParts,
  { reference, mimeType }: InboundFile,
  maxBytes: number,
): Promise<Result<Uint8Array, SendFailure>> {
  if (!isSlackAddress(reference, baseUrl)) return refused('the file does not lie with Slack')
  const got = await download(fetch, { url: reference, headers: { authorization }, maxBytes })
  if (!got.ok) return got
  // Whoever may not read a file is shown the page to sign in at.
  const isPage = got.value.mimeType === 'text/html' && mimeType !== 'text/html'
  return isPage ? refused('the app may not read files: it lacks files:read') : ok(got.value.bytes)
}

export async function sendSlackFile(
  api: WebApiParts,
  { channel, thread }: SlackAddress,
  { name, mimeType, bytes }: OutboundFile,
): Promise<Result<SentMessage, SendFailure>> {
  const to = notShared(await channelOf(api, channel))
  if (!to.ok) return to
  const form = new URLSearchParams({ filename: name, length: `${bytes.length}` })
  const given = notShared(await callSlack(api, 'files.getUploadURLExternal', form, place))
  if (!given.ok) return given
  const { upload_url: url, file_id: id } = given.value
  if (!isSlackAddress(url, api.baseUrl)) return refused('the file would not go to Slack')
  // The address is the permission: no token goes along.
  const headers = { 'content-type': mimeType }
  const sent = notShared(await callApi(api.fetch, { url, headers, body: bytes.slice() }))
  if (!sent.ok) return sent
  if (sent.value.status !== 200) return refused(`Slack answered ${sent.value.status} for the file`)
  const share = {
    files: [{ id, title: name }],
    channel_id: to.value,
    ...(thread === null ? {} : { thread_ts: thread }),
  }
  const shared = await callSlack(api, 'files.completeUploadExternal', share, done)
  // Slack shares it a moment later, and tells no message that could be edited.
  return shared.ok ? ok({ messageId: id }) : shared
}

/** Nobody has seen anything before it is shared: whatever became of the step, it may be done again. */
const notShared = <Value>(result: Result<Value, SendFailure>): Result<Value, SendFailure> =>
  result.ok || result.error.kind !== 'unknown'
    ? result
    : err({ kind: 'unavailable', reason: result.error.reason })

async function channelOf(api: WebApiParts, channel: string): Promise<Result<string, SendFailure>> {
  if (!isUserId(channel)) return ok(channel)
  const open = await callSlack(api, 'conversations.open', { users: channel }, opened)
  return open.ok ? ok(open.value.channel.id) : open
}
