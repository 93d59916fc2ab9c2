/**
 * Senders of a channel who ask to be let in: the code they are shown, and the numbers around it. The
 * code is made by the caller's random source, and opens nothing until an admin approves it.
 */
import { PAIRING_MS } from './pairing.ts'

/** No letter of it is mistaken for another when it is read aloud or typed. */
export const PAIRING_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
export const PAIRING_CODE_CHARS = 8

export const CHANNEL_PAIRING_MS = PAIRING_MS
export const PAIRING_MINUTES = CHANNEL_PAIRING_MS / 60_000

/** Open requests of one instance; when they are as many, strangers hear nothing. */
export const MAX_PENDING_PER_INSTANCE = 3

/** The alphabet in either case; other letters whose capitals are of it are no letters of it. */
const CODE = /^[A-HJ-NP-Za-hj-np-z2-9]{8}$/
/** As people write what they were told: in groups, and in whatever case. */
const BETWEEN = /[\s-]/g
/** A code with something between all of its letters. */
const MAX_TYPED_CHARS = 32

/** The code that an admin typed, in the one spelling it has; null for what cannot be one. */
export function parsePairingCode(typed: string): string | null {
  if (typed.length > MAX_TYPED_CHARS) return null
  const code = typed.replaceAll(BETWEEN, '')
  return CODE.test(code) ? code.toUpperCase() : null
}
