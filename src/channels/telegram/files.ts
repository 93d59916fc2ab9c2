/** Files of messages: taken by their id, of which Telegram makes a path for an hour; and sent as they are. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { download } from '../download.ts'
import type { ClientParts, InboundFile, OutboundFile, SendFailure } from '../platform.ts'
import type { BotApi } from './bot-api.ts'
import { placeOf, replyOf, type TelegramAddress } from './reply-address.ts'

const fileSchema = z.object({ file_path: z.string(), file_size: z.int().optional() })

/** Relative, and nothing in it that leads up or elsewhere: it is put into an address with the token. */
const PATH = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

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

/** As a document: a photo would be made smaller, and its kind guessed. */
export function fileForm(to: TelegramAddress, { name, mimeType, bytes }: OutboundFile): FormData {
  const form = new FormData()
  for (const [key, value] of Object.entries({ ...placeOf(to), ...replyOf(to) })) {
    form.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  form.set('disable_content_type_detection', 'true')
  form.set('document', new Blob([new Uint8Array(bytes)], { type: mimeType }), name)
  return form
}
