/**
 * Secrets at rest: `aes-gcm:` + base64(12-byte nonce ‖ ciphertext ‖ tag). Key and additional data
 * bind a value to its tenant, table, column and row, so that one copied elsewhere by whoever can
 * write to the database does not open. It never returns a value that fails, and never takes a
 * plain value for a sealed one.
 */
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { decryptAesGcm, encryptAesGcm, NONCE_BYTES } from './aes-gcm.ts'
import { type Bytes, parseBase64, parseUtf8, toBase64, utf8 } from './encoding.ts'
import type { KeyRing, MasterKey } from './keys.ts'
import { randomBytes } from './random.ts'

const PREFIX = 'aes-gcm:'
const ADDITIONAL_DATA_LABEL = 'edgeclaw/envelope/1'

/** Where a value stands. `row` is the row's id, never a name that can be given to another row. */
export interface SealedPlace {
  readonly tenantId: TenantId
  readonly table: string
  readonly column: string
  readonly row: string
}

/** What a value was found under; the audit reports everything but `current`. */
export type SealedUnder = 'current' | 'previous' | 'plaintext'

export interface OpenedValue {
  readonly text: string
  readonly under: SealedUnder
}

export type EnvelopeFailure =
  /** No prefix, and plain values are not accepted. */
  | { readonly kind: 'not_sealed' }
  /** Altered, moved from another place, cut, or sealed under a key that the ring lacks. */
  | { readonly kind: 'unreadable' }

export interface OpenOptions {
  /** For a migration from an unencrypted store; off otherwise. */
  readonly acceptPlaintext?: boolean
}

export const isSealed = (stored: string): boolean => stored.startsWith(PREFIX)

/** JSON is unambiguous whatever the parts hold: ["a","bc"] and ["ab","c"] stay apart. */
const additionalData = (place: SealedPlace): Bytes =>
  utf8(
    JSON.stringify([ADDITIONAL_DATA_LABEL, place.tenantId, place.table, place.column, place.row]),
  )

export async function seal(ring: KeyRing, place: SealedPlace, text: string): Promise<string> {
  // Random nonces are safe up to 2^32 values a key (SP 800-38D 8.3), and every tenant has its own.
  const nonce = randomBytes(NONCE_BYTES)
  const key = await ring.current.envelopeKey(place.tenantId)
  const sealed = await encryptAesGcm(
    { key, nonce, additionalData: additionalData(place) },
    utf8(text),
  )
  const envelope = new Uint8Array(nonce.length + sealed.length)
  envelope.set(nonce)
  envelope.set(sealed, nonce.length)
  return PREFIX + toBase64(envelope)
}

export async function open(
  ring: KeyRing,
  place: SealedPlace,
  stored: string,
  options: OpenOptions = {},
): Promise<Result<OpenedValue, EnvelopeFailure>> {
  if (!isSealed(stored)) {
    if (options.acceptPlaintext === true) return ok({ text: stored, under: 'plaintext' })
    return err({ kind: 'not_sealed' })
  }
  const envelope = parseBase64(stored.slice(PREFIX.length))
  if (envelope === null) return err({ kind: 'unreadable' })
  const current = await openWith(ring.current, place, envelope)
  if (current !== null) return ok({ text: current, under: 'current' })
  if (ring.previous === null) return err({ kind: 'unreadable' })
  const previous = await openWith(ring.previous, place, envelope)
  return previous === null ? err({ kind: 'unreadable' }) : ok({ text: previous, under: 'previous' })
}

/** For a rotation: the value under the current key, or null when it is there already. */
export async function reseal(
  ring: KeyRing,
  place: SealedPlace,
  stored: string,
  options: OpenOptions = {},
): Promise<Result<string | null, EnvelopeFailure>> {
  const opened = await open(ring, place, stored, options)
  if (!opened.ok) return opened
  return ok(opened.value.under === 'current' ? null : await seal(ring, place, opened.value.text))
}

async function openWith(
  master: MasterKey,
  place: SealedPlace,
  envelope: Bytes,
): Promise<string | null> {
  const plain = await decryptAesGcm(
    {
      key: await master.envelopeKey(place.tenantId),
      nonce: envelope.slice(0, NONCE_BYTES),
      additionalData: additionalData(place),
    },
    envelope.slice(NONCE_BYTES),
  )
  return plain === null ? null : parseUtf8(plain)
}
