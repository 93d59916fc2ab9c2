/**
 * The gateway's own long work, in the object of the platform's tenant: rotation of the encryption
 * key, erasure of tenants, and the values by which a start knows its key. Timers drive it, a quarter
 * of a second at a time, so that the tenant's own requests never wait longer for their turn.
 */
import { sealKeyCheck } from '../../crypto/key-check.ts'
import type { KeyRing } from '../../crypto/keys.ts'
import { DEFAULT_TENANT, type TenantId } from '../../domain/ids.ts'
import type { Deletion } from '../../domain/ports/platform.ts'
import type { Timers } from '../alarms.ts'
import { close, type ErasureParts, eraseStep, sweepLate } from './erasure.ts'
import { type RotationParts, rotateSlice } from './key-rotation.ts'

const ROTATION = 'rotateKeys'
const ERASURE = 'eraseTenants'
const TURN_MS = 250
const PAUSE_MS = 25
/** No request lives longer: whatever it wrote late is there by then. */
const LATE_SWEEP_MS = 15 * 60_000
const KEY_CHECKS = 'keyChecks'
const DELETION = 'deletion:'

interface StoredDeletion extends Deletion {
  readonly isSwept: boolean
}

export interface DeskParts {
  readonly kv: SyncKvStorage
  readonly timers: Timers
  readonly keyRing: KeyRing
  readonly rotation: Omit<RotationParts, 'finished'>
  readonly erasure: ErasureParts
  now(): number
  /** Before the first timer: its table. */
  prepare(): Promise<unknown>
}

export class PlatformDesk {
  readonly #parts: DeskParts

  /** Touches no storage. */
  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  keyChecks(): readonly string[] {
    return this.#parts.kv.get<readonly string[]>(KEY_CHECKS) ?? []
  }

  addKeyCheck(known: readonly string[], sealed: string): readonly string[] {
    const stored = this.keyChecks()
    if (stored.length !== known.length || stored.some((check, i) => check !== known[i]))
      return stored
    this.#parts.kv.put(KEY_CHECKS, [...stored, sealed])
    return this.keyChecks()
  }

  async rotate(): Promise<void> {
    await this.#parts.prepare()
    await this.#parts.timers.setNoLater(ROTATION, this.#parts.now())
  }

  async deleteTenant(tenantId: TenantId): Promise<Deletion> {
    if (tenantId === DEFAULT_TENANT) throw new Error("the platform's tenant is never deleted")
    await this.#parts.prepare()
    const known = this.#deletion(tenantId)
    const begun: StoredDeletion = known ?? {
      tenantId,
      phase: 'closing',
      requestedAt: this.#parts.now(),
      finishedAt: null,
      objects: 0,
      blobs: 0,
      rows: 0,
      isSwept: false,
    }
    if (known === null) this.#store(begun)
    await this.#parts.timers.setNoLater(ERASURE, this.#parts.now())
    // Not only with the first step: whoever asked may rely on it that nobody is let in any more.
    await close(this.#parts.erasure, tenantId)
    return toldDeletion(begun)
  }

  deletion(tenantId: TenantId): Deletion | null {
    const stored = this.#deletion(tenantId)
    return stored && toldDeletion(stored)
  }

  /** @returns false for a timer that is none of its own */
  async onTimer(name: string): Promise<boolean> {
    if (name === ROTATION) await this.#turn(ROTATION, () => this.#rotateSlice())
    else if (name === ERASURE) await this.#erase()
    else return false
    return true
  }

  async #turn(timer: string, step: () => Promise<boolean>): Promise<void> {
    const { now, timers } = this.#parts
    const endsAt = now() + TURN_MS
    while (await step()) {
      if (now() < endsAt) continue
      await timers.set(timer, now() + PAUSE_MS)
      return
    }
  }

  #rotateSlice(): Promise<boolean> {
    const { rotation } = this.#parts
    return rotateSlice({ ...rotation, finished: () => this.#keepOneKeyCheck() })
  }

  /** From here on a start needs the current key alone. */
  async #keepOneKeyCheck(): Promise<void> {
    const { keyRing, kv } = this.#parts
    kv.put(KEY_CHECKS, [await sealKeyCheck(keyRing, DEFAULT_TENANT)])
  }

  async #erase(): Promise<void> {
    const { now, timers, erasure } = this.#parts
    await this.#turn(ERASURE, async () => {
      const [open] = this.#deletions().filter(({ phase }) => phase !== 'ended')
      if (open === undefined) return false
      this.#store({ ...open, ...(await eraseStep(erasure, open)) })
      return true
    })
    if (this.#deletions().some(({ phase }) => phase !== 'ended')) return
    let nextAt = Number.POSITIVE_INFINITY
    for (const ended of this.#deletions()) {
      if (ended.isSwept) continue
      const sweepAt = (ended.finishedAt ?? 0) + LATE_SWEEP_MS
      if (sweepAt > now()) {
        nextAt = Math.min(nextAt, sweepAt)
        continue
      }
      await sweepLate(erasure, ended.tenantId)
      this.#store({ ...ended, isSwept: true })
    }
    if (Number.isFinite(nextAt)) await timers.set(ERASURE, nextAt)
  }

  #deletion(tenantId: TenantId): StoredDeletion | null {
    return this.#parts.kv.get<StoredDeletion>(DELETION + tenantId) ?? null
  }

  #deletions(): readonly StoredDeletion[] {
    return [...this.#parts.kv.list<StoredDeletion>({ prefix: DELETION })].map(([, value]) => value)
  }

  #store(deletion: StoredDeletion): void {
    this.#parts.kv.put(DELETION + deletion.tenantId, deletion)
  }
}

function toldDeletion(stored: StoredDeletion): Deletion {
  const { tenantId, phase, requestedAt, finishedAt, objects, blobs, rows } = stored
  return { tenantId, phase, requestedAt, finishedAt, objects, blobs, rows }
}
