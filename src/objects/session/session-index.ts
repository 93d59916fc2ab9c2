/** Keeps the session's row in D1's index, which serves lists; the truth stays in the object. */
import type { Services } from '../../api/context.ts'
import { deleteSession, labelSession, upsertSession } from '../../db/sessions.ts'
import type { Timers } from '../alarms.ts'
import type { MetaStore, SessionMeta } from './meta-store.ts'
import type { RunStore } from './run-store.ts'
import type { TranscriptStore } from './transcript-store.ts'

/** How far the index may lag behind a session that is busy. */
const INTERVAL_MS = 5_000
/** The timer that writes what was put off. */
export const INDEX_TIMER = 'index'

export interface IndexSources {
  readonly services: Services
  readonly timers: Timers
  readonly meta: MetaStore
  readonly transcript: TranscriptStore
  readonly runs: RunStore
}

export class SessionIndex {
  readonly #sources: IndexSources
  /** When the end of a run was last written down; 0 before the first. */
  #writtenAt = 0
  #lastInTurn: Promise<unknown> = Promise.resolve()

  constructor(sources: IndexSources) {
    this.#sources = sources
  }

  /** A write to D1 costs more than a short run: a session in a hurry is written down now and then. */
  async refresh(): Promise<void> {
    const { services, timers, meta } = this.#sources
    if (!meta.read()) return
    const now = services.now()
    const dueAt = this.#writtenAt + INTERVAL_MS
    if (dueAt > now) return timers.setIfAbsent(INDEX_TIMER, dueAt)
    this.#writtenAt = now
    return this.write()
  }

  write(): Promise<void> {
    return this.#inTurn(() => this.#write())
  }

  async #write(): Promise<void> {
    const { services, meta, transcript, runs } = this.#sources
    const session = meta.read()
    if (!session) return
    const { promptTokens, completionTokens } = runs.totalUsage()
    const { tenantId, sessionKey, agentKey, channel, owner, model, provider } = session
    await upsertSession(services.database(tenantId), tenantId, {
      sessionKey,
      agentKey,
      channel,
      userId: owner,
      model,
      provider,
      messageCount: transcript.count(),
      inputTokens: promptTokens,
      outputTokens: completionTokens,
      updatedAt: services.now(),
    })
  }

  label({ tenantId, sessionKey }: SessionMeta, label: string | null): Promise<void> {
    return this.#inTurn(async () => {
      // The row may not be there yet: a label given to a session that has just begun is kept, too.
      await this.#write()
      await labelSession(this.#sources.services.database(tenantId), tenantId, sessionKey, label)
    })
  }

  remove({ tenantId, sessionKey }: SessionMeta): Promise<void> {
    return this.#inTurn(async () => {
      await deleteSession(this.#sources.services.database(tenantId), tenantId, sessionKey)
    })
  }

  /**
   * One after the other: a report that is on its way must not enter a deleted session again, under
   * an owner who has it no more, nor a delete take away the one that came after it.
   */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#lastInTurn.then(work)
    this.#lastInTurn = done.catch(() => undefined)
    return done
  }
}
