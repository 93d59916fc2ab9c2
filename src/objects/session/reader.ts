/** Shows a session to those who may see it: its messages as they are released, and where it stands. */
import type { Services } from '../../api/context.ts'
import type { HistoryPage, SessionStatus, SessionSummary } from '../../domain/ports/session.ts'
import type { SessionExport } from '../../domain/ports/tenant-end.ts'
import type { HistoryMessage } from '../../domain/run-event.ts'
import type { ProvenancePort } from '../../domain/untrusted.ts'
import { freshSnapshot } from '../../gateway/freshness.ts'
import { releasedMessages } from '../../gateway/release.ts'
import type { SessionMeta } from './meta-store.ts'
import type { RunStore } from './run-store.ts'
import type { ShownMessage, TranscriptPage, TranscriptStore } from './transcript-store.ts'

const PREVIEW_MESSAGES = 20
/** Of one page of an export; it ends earlier where an answer is full. */
const EXPORT_MESSAGES = 100

export interface ReaderParts {
  readonly services: Services
  readonly transcript: TranscriptStore
  readonly runs: RunStore
  readonly provenance: ProvenancePort
}

/** Its caller has proven that whoever asks may see the session. */
export class SessionReader {
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async history(
    meta: SessionMeta,
    page: { limit: number; before: number | null },
  ): Promise<HistoryPage> {
    const { messages, isAll } = this.#page(page.limit, page.before)
    const nextBefore = isAll ? null : (messages[0]?.id ?? null)
    return { messages: await this.#shown(meta, messages), nextBefore }
  }

  async exported(meta: SessionMeta, before: number | null): Promise<SessionExport> {
    const { agentKey, owner, label, createdAt } = meta
    const page = await this.history(meta, { limit: EXPORT_MESSAGES, before })
    return { agentKey, owner, label, createdAt, ...page }
  }

  async preview(meta: SessionMeta): Promise<SessionSummary> {
    const { sessionKey, agentKey, label, createdAt } = meta
    const newest = this.#page(PREVIEW_MESSAGES, null)
    const messages = await this.#shown(meta, newest.messages)
    return { sessionKey, agentKey, label, messages, createdAt }
  }

  status(): SessionStatus {
    const running = this.#parts.runs.running()
    return {
      isRunning: running !== null,
      runId: running?.id ?? null,
      activity: running ? 'thinking' : null,
      hasSeenUntrusted: this.#parts.provenance.hasSeenUntrusted(),
    }
  }

  #page(limit: number, before: number | null): TranscriptPage<ShownMessage> {
    const { transcript, runs } = this.#parts
    return transcript.shown(limit, before, (id) => runs.endingOf(id))
  }

  /** As a reader gets them: arguments of tool calls stand in the journal as the tools got them. */
  async #shown(
    { tenantId }: SessionMeta,
    stored: readonly ShownMessage[],
  ): Promise<readonly HistoryMessage[]> {
    const snapshot = await freshSnapshot(this.#parts.services, tenantId)
    if (!snapshot) return []
    const released = releasedMessages(
      stored.map(({ message }) => message),
      snapshot.config,
    )
    return released.map((message, index) => {
      const ending = stored[index]?.ending
      return ending ? { ...message, ending } : message
    })
  }
}
