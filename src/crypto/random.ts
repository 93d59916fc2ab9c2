/** Unpredictable identifiers and secrets from the platform's generator; nothing here is seeded. */
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { toBase64Url } from './encoding.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** 36^20 is 103 bits: no two ids meet by chance, and none is guessed. */
const ID_CHARS = 20
/** Bytes from here on would make the first letters of the alphabet likelier. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length)
/** Four bytes in 256 are rejected, so one draw nearly always suffices. */
const DRAW_BYTES = 32

function randomChars(count: number): string {
  const draw = new Uint8Array(DRAW_BYTES)
  let text = ''
  while (text.length < count) {
    crypto.getRandomValues(draw)
    for (const byte of draw) {
      if (byte < FAIR_BYTES && text.length < count) text += ALPHABET.charAt(byte % ALPHABET.length)
    }
  }
  return text
}

/** `newId('agt')` → `agt_` and 20 characters of [a-z0-9]. */
export const newId = (prefix: string): string => `${prefix}_${randomChars(ID_CHARS)}`

export const newTenantId = (): TenantId => tenantIdSchema.parse(newId('ten'))

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(count))

/** `randomBase64Url(32)` → 43 characters holding 256 bits. */
export const randomBase64Url = (bytes: number): string => toBase64Url(randomBytes(bytes))
