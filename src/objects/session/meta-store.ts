/** Who a session belongs to, and the few facts about it that are not messages. */
import { z } from 'zod'
import { tenantIdSchema, userIdSchema } from '../../domain/ids.ts'

const metaSchema = z.object({
  tenantId: tenantIdSchema,
  sessionKey: z.string(),
  agentKey: z.string(),
  channel: z.string(),
  owner: userIdSchema,
  createdAt: z.number(),
  label: z.string().nullable(),
  /** What the agent spoke with last; for lists. */
  model: z.string(),
  provider: z.string(),
})
export type SessionMeta = z.infer<typeof metaSchema>

const KEY = 'meta'

/** Reading an absent session creates nothing: the value lives beside the tables, not in them. */
export class MetaStore {
  readonly #kv: SyncKvStorage
  #cached: SessionMeta | null = null

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  read(): SessionMeta | null {
    if (this.#cached) return this.#cached
    const stored = this.#kv.get(KEY)
    if (stored !== undefined) this.#cached = metaSchema.parse(stored)
    return this.#cached
  }

  write(meta: SessionMeta): void {
    this.#kv.put(KEY, meta)
    this.#cached = meta
  }

  forget(): void {
    this.#cached = null
  }
}
