/** SHA-256 of texts and bytes. Fingerprints only: a secret of low entropy is not safe behind one. */
import { type Bytes, toHex, utf8 } from './encoding.ts'

export async function sha256(data: string | Bytes): Promise<Bytes> {
  const bytes = typeof data === 'string' ? utf8(data) : data
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** 64 lower-case hex digits. */
export const sha256Hex = async (data: string | Bytes): Promise<string> => toHex(await sha256(data))
