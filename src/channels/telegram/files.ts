/** Files of messages: taken by their id, of which Telegram makes a path for an hour; and sent as they are. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { download } from '../download.ts'
import type {
  ClientParts,
  InboundFile,
  OutboundFile,
  SendFailure,
  SentMessage,
} from '../platform.ts'
import type { BotApi } from './bot-api.ts'
import { placeOf, replyOf, sentSchema, type TelegramAddress } from './reply-address.ts'

const fileSchema = z.object({ file_path: z.string(), file_size: z.int().optional() })

/** Relative, and nothing in it that leads up or elsewhere: it is put into an address with the token. */
const PATH = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

/** What bots may send (core.telegram.org/bots/api#sending-files). */
export const MAX_TELEGRAM_FILE_BYTES = 50_000_000
const MAX_PHOTO_BYTES = 10_000_000

const TOO_LARGE: SendFailure = { kind: 'refused', reason: 'the file is larger than allowed' }

export async function fetchTelegramFile(
  { reference }: InboundFile,
  maxBytes: number,
  { api, token, fetch, baseUrl }: ClientParts & { readonly api: BotApi; readonly token: string },
): Promise<Result<Uint8Array, SendFailure>> {
  const found = await api.call('getFile', { file_id: reference }, fileSchema)
  if (!found.ok) return found
  const { file_path: path, file_size: size = 0 } = found.value
  if (size > maxBytes) return err(TOO_LARGE)
  if (!PATH.test(path)) return err({ kind: 'refused', reason: 'Telegram names no path of a file' })
  const url = `${baseUrl}/file/bot${token}/${path}`
  const loaded = await download(fetch, { url, headers: {}, maxBytes })
  return loaded.ok ? ok(loaded.value.bytes) : loaded
}

/** A picture is shown; one that Telegram takes for none, and everything else, is a document. */
export async function sendTelegramFile(
  api: BotApi,
  to: TelegramAddress,
  file: OutboundFile,
): Promise<Result<SentMessage, SendFailure>> {
  if (isPhoto(file)) {
    const shown = await api.ask('sendPhoto', fileForm('photo', to, file))
    if (!shown.ok) return shown
    // Too long, too narrow, not to be read: nothing was sent.
    if (shown.value.status !== 400) return api.read(shown.value, sentSchema)
  }
  const form = fileForm('document', to, file)
  form.set('disable_content_type_detection', 'true')
  return api.call('sendDocument', form, sentSchema)
}

const isPhoto = ({ mimeType, bytes }: OutboundFile): boolean =>
  ['image/jpeg', 'image/png'].includes(mimeType) && bytes.length <= MAX_PHOTO_BYTES

function fileForm(
  field: 'photo' | 'document',
  to: TelegramAddress,
  { name, mimeType, bytes }: OutboundFile,
): FormData {
  const form = new FormData()
  for (const [key, value] of Object.entries({ ...placeOf(to), ...replyOf(to) })) {
    form.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  form.set(field, new Blob([new Uint8Array(bytes)], { type: mimeType }), name)
  return form
}
