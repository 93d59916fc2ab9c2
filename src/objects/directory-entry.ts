/**
 * An object's name in its tenant's directory, entered by the object itself before its first write:
 * whoever reaches it, by whatever way, it is found when the tenant is erased. A tenant that is being
 * deleted takes no name any more, so that nothing begins anew behind the erasure.
 */

import { tenantIdSchema } from '../domain/ids.ts'
import { parseObjectName, tenantObjectName } from '../domain/object-name.ts'
import type { TenantPort } from '../domain/ports/tenant.ts'
import type { NameKind } from '../domain/ports/tenant-end.ts'

export interface DirectoryEnv {
  readonly TENANTS: DurableObjectNamespace
}

const ENTERED = 'entered'

export class DirectoryEntry {
  readonly #state: DurableObjectState
  readonly #env: DirectoryEnv
  readonly #kind: NameKind
  #isEntered = false
  #isClosed = false

  /** Touches no storage. */
  constructor(state: DurableObjectState, env: DirectoryEnv, kind: NameKind) {
    this.#state = state
    this.#env = env
    this.#kind = kind
  }

  /** Before the first write of every call that writes. Names of no tenant are entered nowhere. */
  async enter(): Promise<void> {
    if (this.#isClosed) throw new Error(`this ${this.#kind} was erased`)
    if (this.#isEntered) return
    const { name } = this.#state.id
    const tenantId = tenantIdSchema.safeParse(parseObjectName(name)?.[0])
    if (name !== undefined && tenantId.success && !this.#isStored()) {
      const stub = this.#env.TENANTS.getByName(tenantObjectName(tenantId.data)) as unknown
      const directory = stub as Pick<TenantPort, 'registerName'>
      const isEntered = await directory.registerName(this.#kind, name)
      if (!isEntered || this.#isClosed) throw new Error(`the tenant of this ${this.#kind} is gone`)
      this.#state.storage.kv.put(ENTERED, true)
    }
    this.#isEntered = true
  }

  /** After `deleteAll()`: entered again before the next write. */
  forget(): void {
    this.#isEntered = false
  }

  /** For an erasure: this instance writes nothing any more. */
  close(): void {
    this.#isClosed = true
  }

  #isStored(): boolean {
    return this.#state.storage.kv.get(ENTERED) === true
  }
}
