/**
 * The tenant's snapshot in memory, and when it may not be used: D1 is its truth, so that whoever
 * changes rows says so before and after. It knows the rows' content no further than their epoch.
 */
import type { Services } from '../../api/context.ts'
import { loadSnapshot } from '../../db/tenants.ts'
import type { TenantId } from '../../domain/ids.ts'
import { epochOf, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'

/** A change of rows that was begun and not reported ended: D1 gives up long before this. */
const CHANGE_TIMEOUT_MS = 30_000
const CHANGING_UNTIL = 'changingUntil'

export class SnapshotKeeper {
  readonly #kv: SyncKvStorage
  readonly #services: Pick<Services, 'database' | 'now'>
  readonly #tenantId: () => TenantId
  #snapshot: TenantSnapshot | null = null
  /** Rises when rows changed that no version tells of: a read that began before is not kept. */
  #reads = 0
  #loading: Promise<TenantSnapshot | null> | null = null
  /** What is stored, once it was read: asked by every request of the tenant. 0 is never. */
  #changingUntil: number | null = null
  #openChanges = 0

  /** Touches no storage. */
  constructor(
    kv: SyncKvStorage,
    services: Pick<Services, 'database' | 'now'>,
    tenantId: () => TenantId,
  ) {
    this.#kv = kv
    this.#services = services
    this.#tenantId = tenantId
  }

  /**
   * What is in memory, else read: for work that asks nobody's rights of it, as it may be of before a
   * change. Null: there is no such tenant.
   */
  async known(): Promise<TenantSnapshot | null> {
    return this.#snapshot ?? this.#load()
  }

  /** As it is in force: read again while rows may be changing. */
  async current(): Promise<TenantSnapshot | null> {
    return this.settled ?? this.#load()
  }

  /** What is in memory, unless rows may be changing. */
  get settled(): TenantSnapshot | null {
    return this.#isChanging() ? null : this.#snapshot
  }

  changing(): void {
    this.#openChanges++
    this.#changingUntil = this.#services.now() + CHANGE_TIMEOUT_MS
    this.#kv.put(CHANGING_UNTIL, this.#changingUntil)
  }

  async changed(): Promise<TenantSnapshot | null> {
    this.#snapshot = null
    const snapshot = await this.#load()
    this.#openChanges = Math.max(0, this.#openChanges - 1)
    // Another change may be under way: the bracket stays until that one ends, or times out.
    if (this.#openChanges === 0) {
      this.#changingUntil = 0
      this.#kv.delete(CHANGING_UNTIL)
    }
    return snapshot
  }

  /** Of rows that changed while no version tells of it. */
  forget(): void {
    this.#reads++
    this.#snapshot = null
    this.#loading = null
  }

  /** No change is under way any more: the object's storage goes. */
  end(): void {
    this.#changingUntil = 0
    this.#openChanges = 0
  }

  #isChanging(): boolean {
    this.#changingUntil ??= this.#kv.get<number>(CHANGING_UNTIL) ?? 0
    return this.#changingUntil > this.#services.now()
  }

  /** While rows may be changing, nobody shares another caller's read: it may have begun too early. */
  async #load(): Promise<TenantSnapshot | null> {
    const load = async (): Promise<TenantSnapshot | null> => {
      const reads = this.#reads
      const tenantId = this.#tenantId()
      const snapshot = await loadSnapshot(this.#services.database(tenantId), tenantId)
      if (reads !== this.#reads) return snapshot
      if (snapshot && epochOf(snapshot) >= (this.#snapshot ? epochOf(this.#snapshot) : 0)) {
        this.#snapshot = snapshot
      }
      return this.#snapshot
    }
    if (this.#isChanging()) return load()
    this.#loading ??= load().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }
}
