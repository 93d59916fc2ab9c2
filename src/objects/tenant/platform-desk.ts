/**
 * The gateway's own long work, in the object of the platform's tenant: rotation of the encryption
 * key, erasure of tenants, and the values by which a start knows its key. Timers drive it, a quarter
 * of a second at a time, so that the tenant's own requests never wait longer for their turn.
 */
import { sealKeyCheck } from '../../crypto/key-check.ts'
import type { KeyRing } from '../../crypto/keys.ts'
import { DEFAULT_TENANT, type TenantId } from '../../domain/ids.ts'
import type { Deletion } from '../../domain/ports/platform.ts'
import { logError } from '../../telemetry/log.ts'
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

/** A step that failed is tried again after this, then after twice as long, and so on up to the last. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 10 * 60_000

interface StoredDeletion extends Deletion {
  readonly isSwept: boolean
  /** Its next step is not due before; the one that waits longest goes first. */
  readonly dueAt?: number
  /** Steps that failed, one after the other. */
  readonly failures?: number
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
    // Not only with the first step: whoever asked may rely on it that nobody is let in any more. One
    // that fails here is begun all the same, and its answer says so: an error would leave no record.
    await close(this.#parts.erasure, tenantId).catch((error: unknown) =>
      logError('erasure.not_closed', error, { tenantId }),
    )
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

  /** A step of whichever is due, in turn: one that fails, or is large, holds up no other. */
  async #erase(): Promise<void> {
    const { now, timers } = this.#parts
    const endsAt = now() + TURN_MS
    do {
      const [due] = this.#deletions().toSorted((a, b) => dueAt(a) - dueAt(b))
      if (due === undefined || dueAt(due) > now()) break
      await this.#step(due)
    } while (now() < endsAt)
    const nextAt = Math.min(...this.#deletions().map(dueAt))
    if (Number.isFinite(nextAt)) await timers.set(ERASURE, Math.max(nextAt, now() + PAUSE_MS))
  }

  async #step(deletion: StoredDeletion): Promise<void> {
    const { erasure, now } = this.#parts
    const { tenantId, phase, failures = 0 } = deletion
    try {
      if (phase === 'ended') await sweepLate(erasure, tenantId)
      const next =
        phase === 'ended' ? { isSwept: true } : await eraseStep(erasure, toldDeletion(deletion))
      this.#store({ ...deletion, ...next, dueAt: now(), failures: 0 })
    } catch (error) {
      logError('erasure.failed', error, { tenantId, phase })
      const delayMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS)
      this.#store({ ...deletion, dueAt: now() + delayMs, failures: failures + 1 })
    }
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

function dueAt({ phase, isSwept, finishedAt, dueAt: at = 0 }: StoredDeletion): number {
  if (phase !== 'ended') return at
  return isSwept ? Number.POSITIVE_INFINITY : Math.max((finishedAt ?? 0) + LATE_SWEEP_MS, at)
}

function toldDeletion(stored: StoredDeletion): Deletion {
  const { tenantId, phase, requestedAt, finishedAt, objects, blobs, rows } = stored
  return { tenantId, phase, requestedAt, finishedAt, objects, blobs, rows }
}
