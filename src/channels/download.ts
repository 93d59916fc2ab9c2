/**
 * A file of a platform, taken in up to a size. Which address may be asked, and with what secret, is
 * its caller's matter; a redirect is not followed, since the secret would go along.
 */
import { bytesWithin } from '../domain/bytes-within.ts'
import type { Fetch } from '../domain/model.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { askedForPatience, brokenOff } from './api-call.ts'
import { isOwnAddress } from './own-address.ts'
import type { ClientParts, InboundFile, SendFailure } from './platform.ts'

const DOWNLOAD_TIMEOUT_MS = 60_000

export interface DownloadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly maxBytes: number
}

export interface Downloaded {
  readonly bytes: Uint8Array
  /** Lower case, without parameters; empty where the platform says none. */
  readonly mimeType: string
}

const NOT_OWN: SendFailure = { kind: 'refused', reason: 'the file does not lie with the platform' }
const TOO_LARGE: SendFailure = { kind: 'refused', reason: 'the file is larger than allowed' }

export async function download(
  fetch: Fetch,
  { url, headers, maxBytes }: DownloadRequest,
): Promise<Result<Downloaded, SendFailure>> {
  try {
    const signal = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    const { status } = response
    if (status !== 200) {
      // Not waited for: a body that is never over would not be given up either.
      response.body?.cancel().catch(() => undefined)
      if (status === 429) return err(askedForPatience(response.headers, ''))
      const kind = status >= 500 ? 'unavailable' : 'refused'
      return err({ kind, reason: `the platform answered ${status} for the file` })
    }
    const bytes = await bytesWithin(response.body, maxBytes)
    if (bytes === null) return err(TOO_LARGE)
    const [mimeType = ''] = (response.headers.get('content-type') ?? '').split(';')
    return ok({ bytes, mimeType: mimeType.trim().toLowerCase() })
  } catch (error) {
    return err(brokenOff(error))
  }
}

/** A file whose address is all that it takes, from the platform's own hosts: no secret goes along. */
export async function downloadOpen(
  { reference }: InboundFile,
  maxBytes: number,
  { fetch, baseUrl, hosts }: ClientParts & { readonly hosts: readonly string[] },
): Promise<Result<Uint8Array, SendFailure>> {
  if (!isOwnAddress(reference, baseUrl, hosts)) return err(NOT_OWN)
  const got = await download(fetch, { url: reference, headers: {}, maxBytes })
  return got.ok ? ok(got.value.bytes) : got
}
