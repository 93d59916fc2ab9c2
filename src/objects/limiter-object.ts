/**
 * Exact token buckets, lockouts and idempotency keys of one principal, or of one shard of addresses.
 * The truth is in memory and decided in one synchronous step, so that concurrent calls never share a token; a
 * change goes to storage right after the answer, and those that follow within a tenth of a second
 * together. A timer that waits keeps the object from being evicted.
 *
 * The answer does not wait for the disk, and a busy caller does not cost a write a request (each is a
 * third of a millisecond): a machine that dies within the same moment may give the last tokens back.
 * A claimed idempotency key is written at once: the runtime holds the answer back until it is stored.
 * It holds no credential, and of content only the answers to keyed requests, for an hour; its names
 * and sizes are bounded.
 */
import { DurableObject } from 'cloudflare:workers'
import type {
  BucketRequest,
  BucketVerdict,
  KeptAnswer,
  LimiterPort,
  LockoutState,
  RequestClaim,
} from '../domain/ports/limiter.ts'
import type { Erasable } from '../domain/ports/tenant-end.ts'
import { type BucketRow, BucketTable, type TableChange } from '../transport/bucket-table.ts'
import { IdempotencyTable, type KeyRow } from '../transport/idempotency.ts'
import { type FailureRow, LockoutTable } from '../transport/lockout.ts'
import { SocketSlots } from '../transport/socket-slots.ts'
import { DirectoryEntry, type DirectoryEnv } from './directory-entry.ts'

const BUCKET_PREFIX = 'bucket:'
const FAILURE_PREFIX = 'failure:'
const KEY_PREFIX = 'request:'
/** Most that one call of the storage API deletes or puts. */
const STORAGE_BATCH = 128
/** Storage refuses keys beyond 2,048 bytes; ours hold an address or a short name. */
const MAX_KEY_CHARS = 500
/** What has expired is dropped at the latest then; an idle limiter ends up empty. */
const SWEEP_MS = 60 * 60_000
/** Changes that follow a save within this time are saved together: ten writes a second at most. */
const SAVE_INTERVAL_MS = 100

type Row = BucketRow | FailureRow | KeyRow

interface Tables {
  readonly buckets: BucketTable
  readonly lockouts: LockoutTable
}

export class LimiterObject extends DurableObject<DirectoryEnv> implements LimiterPort, Erasable {
  readonly #entry: DirectoryEntry
  #tables: Tables | null = null
  /** Read when the first key comes: most callers bring none. */
  #keys: IdempotencyTable | null = null
  readonly #slots = new SocketSlots()
  #isSweepSet = false
  /** What storage does not know yet, by its key there; null for a row that was dropped. */
  #unsaved = new Map<string, Row | null>()
  #savedAt = 0
  #isErased = false

  constructor(ctx: DurableObjectState, env: DirectoryEnv) {
    super(ctx, env)
    this.#entry = new DirectoryEntry(ctx, env, 'limiter')
  }

  async take(requests: readonly BucketRequest[]): Promise<BucketVerdict> {
    for (const { bucket } of requests) assertKey(bucket)
    await this.#entry.enter()
    const { buckets } = this.#tables ?? (await this.#load())
    const { verdict, change } = buckets.take(requests, Date.now())
    this.#persist(BUCKET_PREFIX, change)
    return verdict
  }

  async giveBack(taken: BucketRequest): Promise<void> {
    assertKey(taken.bucket)
    const { buckets } = this.#tables ?? (await this.#load())
    this.#persist(BUCKET_PREFIX, buckets.giveBack(taken, Date.now()))
  }

  async recordFailure(key: string): Promise<LockoutState> {
    assertKey(key)
    await this.#entry.enter()
    const { lockouts } = this.#tables ?? (await this.#load())
    const { state, change } = lockouts.recordFailure(key, Date.now())
    this.#persist(FAILURE_PREFIX, change)
    return state
  }

  async lockout(key: string): Promise<LockoutState> {
    const { lockouts } = this.#tables ?? (await this.#load())
    return lockouts.state(key, Date.now())
  }

  async holdSocket(address: string, socketId: string): Promise<boolean> {
    return this.#slots.hold(address, socketId, Date.now())
  }

  async releaseSocket(address: string, socketId: string): Promise<void> {
    this.#slots.release(address, socketId)
  }

  async claim(name: string, bodyHash: string): Promise<RequestClaim> {
    assertKey(name)
    await this.#entry.enter()
    const keys = this.#keys ?? (await this.#loadKeys())
    const { claim, change } = keys.claim(name, bodyHash, Date.now())
    this.#persist(KEY_PREFIX, change)
    if (claim.kind === 'first') this.#save()
    return claim
  }

  async settle(name: string, answer: KeptAnswer | null): Promise<void> {
    const keys = this.#keys ?? (await this.#loadKeys())
    this.#persist(KEY_PREFIX, keys.settle(name, answer))
    this.#save()
  }

  async release(name: string): Promise<void> {
    const keys = this.#keys ?? (await this.#loadKeys())
    this.#persist(KEY_PREFIX, keys.release(name))
    this.#save()
  }

  /** What is in memory goes with the object: nothing of it is written any more. */
  async erase(): Promise<void> {
    this.#isErased = true
    this.#entry.close()
    this.#unsaved.clear()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }

  /** Drops what has expired; when nothing is left, the object leaves no trace. */
  override async alarm(): Promise<void> {
    const { buckets, lockouts } = this.#tables ?? (await this.#load())
    const keys = this.#keys ?? (await this.#loadKeys())
    const now = Date.now()
    this.#persist(BUCKET_PREFIX, { written: new Map(), dropped: buckets.expire(now) })
    this.#persist(FAILURE_PREFIX, { written: new Map(), dropped: lockouts.expire(now) })
    this.#persist(KEY_PREFIX, { written: new Map(), dropped: keys.expire(now) })
    if (buckets.size + lockouts.size + keys.size === 0) {
      this.#isSweepSet = false
      this.#unsaved.clear()
      this.#entry.forget()
      await this.ctx.storage.deleteAll()
    } else {
      await this.ctx.storage.setAlarm(now + SWEEP_MS)
    }
  }

  /** Once per life of the object, at its first call; a constructor that read would cost every wake. */
  #load(): Promise<Tables> {
    return this.ctx.blockConcurrencyWhile(async () => this.#tables ?? (await this.#read()))
  }

  async #read(): Promise<Tables> {
    const { storage } = this.ctx
    const buckets = await storage.list<BucketRow>({ prefix: BUCKET_PREFIX })
    const failures = await storage.list<FailureRow>({ prefix: FAILURE_PREFIX })
    this.#isSweepSet = (await storage.getAlarm()) !== null
    this.#tables = {
      buckets: new BucketTable(withoutPrefix(buckets, BUCKET_PREFIX)),
      lockouts: new LockoutTable(withoutPrefix(failures, FAILURE_PREFIX)),
    }
    return this.#tables
  }

  #loadKeys(): Promise<IdempotencyTable> {
    return this.ctx.blockConcurrencyWhile(async () => {
      // The sweep that drops them is set by whoever loads buckets.
      if (this.#tables === null) await this.#read()
      const rows = await this.ctx.storage.list<KeyRow>({ prefix: KEY_PREFIX })
      this.#keys ??= new IdempotencyTable(withoutPrefix(rows, KEY_PREFIX))
      return this.#keys
    })
  }

  /** Dropped first: a key may have expired and begun anew in one step. */
  #persist(prefix: string, { written, dropped }: TableChange<Row>): void {
    if (written.size + dropped.length === 0) return
    if (this.#unsaved.size === 0) {
      const waitMs = this.#savedAt + SAVE_INTERVAL_MS - Date.now()
      setTimeout(() => this.#save(), Math.max(0, waitMs))
    }
    for (const key of dropped) this.#unsaved.set(prefix + key, null)
    for (const [key, row] of written) this.#unsaved.set(prefix + key, row)
  }

  /** One transaction: all of it is started before anything else may run. */
  #save(): void {
    const rows = [...this.#unsaved]
    this.#unsaved.clear()
    if (rows.length === 0 || this.#isErased) return
    this.#savedAt = Date.now()
    const { storage } = this.ctx
    for (let i = 0; i < rows.length; i += STORAGE_BATCH) {
      const batch = rows.slice(i, i + STORAGE_BATCH)
      const dropped = batch.flatMap(([key, row]) => (row === null ? [key] : []))
      const written = Object.fromEntries(batch.filter(([, row]) => row !== null))
      if (dropped.length > 0) void storage.delete(dropped)
      if (dropped.length < batch.length) void storage.put(written)
    }
    if (this.#isSweepSet) return
    this.#isSweepSet = true
    void storage.setAlarm(Date.now() + SWEEP_MS)
  }
}

function withoutPrefix<Value>(rows: Map<string, Value>, prefix: string): Iterable<[string, Value]> {
  return [...rows].map(([key, row]) => [key.slice(prefix.length), row])
}

/** Keys are made by the gateway out of checked parts; a longer one is a bug, not a caller's choice. */
function assertKey(key: string): void {
  if (key.length > MAX_KEY_CHARS) throw new RangeError('limiter key is too long')
}
