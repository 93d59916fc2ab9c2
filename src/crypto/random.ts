/** Unpredictable identifiers and secrets from the platform's generator; nothing here is seeded. */
import { PAIRING_ALPHABET, PAIRING_CODE_CHARS } from '../domain/channel-pairing.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { toBase64Url } from './encoding.ts'

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** 36^20 is 103 bits: no two ids meet by chance, and none is guessed. */
const ID_CHARS = 20
/** Of 36 letters four bytes in 256 are rejected, so one draw nearly always suffices. */
const DRAW_BYTES = 32

/** Every letter equally likely: bytes that would favour the alphabet's first ones are thrown away. */
function randomChars(count: number, alphabet: string): string {
  const fairBytes = 256 - (256 % alphabet.length)
  const draw = new Uint8Array(DRAW_BYTES)
  let text = ''
  while (text.length < count) {
    crypto.getRandomValues(draw)
    for (const byte of draw) {
      if (byte < fairBytes && text.length < count) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}

/** `newId('agt')` → `agt_` and 20 characters of [a-z0-9]. */
export const newId = (prefix: string): string => `${prefix}_${randomChars(ID_CHARS, ID_ALPHABET)}`

export const newTenantId = (): TenantId => tenantIdSchema.parse(newId('ten'))

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(count))

/** `randomBase64Url(32)` → 43 characters holding 256 bits. */
export const randomBase64Url = (bytes: number): string => toBase64Url(randomBytes(bytes))

const GATEWAY_CODE_DIGITS = 6

/** 40 bits, for an hour and an admin's eyes: it opens nothing by itself. */
export const newPairingCode = (): string => randomChars(PAIRING_CODE_CHARS, PAIRING_ALPHABET)

/** Six digits, few enough to type and few tries enough not to guess. */
export const newGatewayCode = (): string => randomChars(GATEWAY_CODE_DIGITS, '0123456789')
