/**
 * The key ring: the master key, during a rotation also the one before it, and what is derived from
 * them. Nothing is encrypted with a master key itself: every tenant and purpose has its own subkey
 * (HKDF-SHA256, RFC 5869), so that a value of one tenant cannot be opened as another's.
 */
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Bytes } from './encoding.ts'
import { utf8 } from './encoding.ts'
import { parseEncryptionKey } from './encryption-key.ts'

/** What a subkey is for. A key of one purpose is never used for another. */
export type KeyPurpose =
  | 'envelope'
  | 'file-link'
  | 'audit-chain'
  | 'webhook-id'
  | 'pairing'
  | 'conversation'

/** Derived keys kept per ring: an isolate serves many tenants, and memory is 128 MB. */
const MAX_CACHED_KEYS = 1_000
/** Changing it makes every stored value unreadable. */
const DERIVATION_LABEL = 'edgeclaw/1'

export class MasterKey {
  readonly #material: Promise<CryptoKey>
  readonly #derived = new Map<string, Promise<CryptoKey>>()

  constructor(bytes: Bytes) {
    // Not extractable: from here on not even this isolate can read the key back.
    this.#material = crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey'])
    // Whoever derives sees the failure; the promise alone must not end the isolate.
    this.#material.catch(() => undefined)
  }

  /** AES-256-GCM key of one tenant for stored values. */
  envelopeKey(tenantId: TenantId): Promise<CryptoKey> {
    return this.#derive(tenantId, 'envelope', { name: 'AES-GCM', length: 256 }, [
      'encrypt',
      'decrypt',
    ])
  }

  /** HMAC-SHA256 key of one tenant for one purpose. */
  macKey(tenantId: TenantId, purpose: Exclude<KeyPurpose, 'envelope'>): Promise<CryptoKey> {
    return this.#derive(tenantId, purpose, { name: 'HMAC', hash: 'SHA-256', length: 256 }, [
      'sign',
      'verify',
    ])
  }

  #derive(
    tenantId: TenantId,
    purpose: KeyPurpose,
    algorithm: { name: string; length: number; hash?: string },
    usages: ('encrypt' | 'decrypt' | 'sign' | 'verify')[],
  ): Promise<CryptoKey> {
    // JSON keeps the parts apart whatever they hold.
    const info = JSON.stringify([DERIVATION_LABEL, purpose, tenantId])
    const cached = this.#derived.get(info)
    if (cached !== undefined) return cached
    const derived = this.#material.then((material) =>
      crypto.subtle.deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(info) },
        material,
        algorithm,
        false,
        usages,
      ),
    )
    this.#keep(info, derived)
    return derived
  }

  #keep(info: string, key: Promise<CryptoKey>): void {
    const oldest = this.#derived.keys().next().value
    if (this.#derived.size >= MAX_CACHED_KEYS && oldest !== undefined) this.#derived.delete(oldest)
    this.#derived.set(info, key)
    // A failure is not remembered: the next caller tries again.
    key.catch(() => this.#derived.delete(info))
  }
}

export interface KeyRing {
  /** Seals, and is tried first when opening. */
  readonly current: MasterKey
  /** Opens only; present while a rotation is under way. */
  readonly previous: MasterKey | null
}

export interface KeyRingSettings {
  readonly current: string | Uint8Array
  readonly previous?: string | Uint8Array | undefined
}

/** The error is a whole sentence for the operator; it shows nothing of the keys. */
export function parseKeyRing(settings: KeyRingSettings): Result<KeyRing, string> {
  const current = parseEncryptionKey(settings.current)
  if (!current.ok) return err(`EDGECLAW_ENCRYPTION_KEY ${current.error}`)
  if (settings.previous === undefined) {
    return ok({ current: new MasterKey(current.value), previous: null })
  }
  const previous = parseEncryptionKey(settings.previous)
  if (!previous.ok) return err(`EDGECLAW_ENCRYPTION_KEY_PREVIOUS ${previous.error}`)
  return ok({ current: new MasterKey(current.value), previous: new MasterKey(previous.value) })
}
