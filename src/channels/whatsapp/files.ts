/**
 * Files of messages: by their id, of which Meta makes an address for five minutes. The token goes along,
 * so that it is one of Meta's own.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { callApi } from '../api-call.ts'
import { download } from '../download.ts'
import { isOwnAddress } from '../own-address.ts'
import type { ClientParts, InboundFile, SendFailure } from '../platform.ts'
import { describeFailure } from './failure.ts'

const HOSTS = ['lookaside.fbsbx.com', 'graph.facebook.com']
const mediaSchema = z.object({ url: z.string(), file_size: z.coerce.number().nullish() })

const refused = (reason: string) => err({ kind: 'refused', reason } as const)

export async function fetchWhatsappFile(
  { reference }: InboundFile,
  maxBytes: number,
  { fetch, baseUrl, headers }: ClientParts & { readonly headers: Readonly<Record<string, string>> },
): Promise<Result<Uint8Array, SendFailure>> {
  const found = await callApi(fetch, {
    url: `${baseUrl}/${encodeURIComponent(reference)}`,
    headers,
  })
  if (!found.ok) return found
  const { data } = mediaSchema.safeParse(found.value.json)
  if (data === undefined) return err(describeFailure(found.value))
  if ((data.file_size ?? 0) > maxBytes) return refused('the file is larger than allowed')
  if (!isOwnAddress(data.url, baseUrl, HOSTS)) return refused('the file does not lie with Meta')
  const got = await download(fetch, { url: data.url, headers, maxBytes })
  return got.ok ? ok(got.value.bytes) : got
}
