/**
 * The key set of one issuer, fetched through the fetch it is handed and kept for some minutes. An
 * unknown `kid` asks anew, so that a rotation is seen at once, but at most once in half a minute:
 * tokens made up cannot flood the issuer. While the set cannot be had, nothing verifies.
 */
import { createLocalJWKSet, errors } from 'jose'
import { z } from 'zod'
import type { Fetch } from '../domain/model.ts'
import { KeysUnavailable, type TokenKeys } from './token.ts'

export const UNKNOWN_KEY_COOLDOWN_MS = 30_000
/** A key that its issuer withdrew is good for no longer than this. */
export const KEY_SET_MAX_AGE_MS = 10 * 60_000
/** An issuer that is down is not asked by every request that waits for it. */
export const FAILED_FETCH_PAUSE_MS = 5_000
/** The large providers publish about ten. */
const MAX_KEYS = 100

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).max(MAX_KEYS),
})

export interface RemoteKeysOptions {
  readonly url: URL
  /** Guarded, and bounded in bytes and time: the address is a tenant's setting. */
  readonly fetch: Fetch
  readonly now: () => number
  /** Of a set that was kept here before: forgetting it must not forget that it could not be had. */
  readonly failedAt?: number | null
  readonly onFailure?: (at: number) => void
}

interface Kept {
  readonly find: TokenKeys
  readonly count: number
  readonly fetchedAt: number
}

export class RemoteKeys {
  readonly #options: RemoteKeysOptions
  #kept: Kept | null = null
  #failedAt: number
  #pending: Promise<Kept> | null = null

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    this.#failedAt = options.failedAt ?? Number.NEGATIVE_INFINITY
  }

  /** For `verifyJwt`. Rejects with `KeysUnavailable` when there are none to look in. */
  readonly find: TokenKeys = async (header, token) => {
    const kept = await this.current()
    try {
      return await kept.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const { now } = this.#options
      if (now() - kept.fetchedAt < UNKNOWN_KEY_COOLDOWN_MS) throw error
      if (now() - this.#failedAt < UNKNOWN_KEY_COOLDOWN_MS) throw error
      return (await this.#fetch()).find(header, token)
    }
  }

  async current(): Promise<Kept> {
    const { now } = this.#options
    if (this.#kept && now() - this.#kept.fetchedAt < KEY_SET_MAX_AGE_MS) return this.#kept
    if (now() - this.#failedAt < FAILED_FETCH_PAUSE_MS) throw new KeysUnavailable('asked just now')
    return this.#fetch()
  }

  /** Whoever comes meanwhile waits for the same answer. */
  #fetch(): Promise<Kept> {
    this.#pending ??= this.#load().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #load(): Promise<Kept> {
    const { url, fetch, now } = this.#options
    try {
      const response = await fetch(url, {
        headers: { accept: 'application/jwk-set+json, application/json' },
        redirect: 'error',
      })
      if (response.status !== 200) {
        await response.body?.cancel().catch(() => undefined)
        throw new Error(`the key set is answered with ${response.status}`)
      }
      const set = keySetSchema.parse(await response.json())
      const kept = { find: createLocalJWKSet(set), count: set.keys.length, fetchedAt: now() }
      this.#kept = kept
      return kept
    } catch (cause) {
      this.#failedAt = now()
      this.#options.onFailure?.(this.#failedAt)
      throw new KeysUnavailable('the key set cannot be had', { cause })
    }
  }
}
