/** Which conversations asked to be shown what led to an answer. */
import type { ChannelConversation } from '../../domain/channel-event.ts'
import type { ShownKind } from '../../gateway/channels/shown-text.ts'
import type { Sql } from '../schema/sql.ts'
import { NOTHING_SHOWN, type Shown } from './shown-steps.ts'

/** Of a conversation that says nothing about it for so long. */
const KEPT_MS = 180 * 24 * 3_600_000

const nameOf = ({ kind, id, threadId }: ChannelConversation): string =>
  JSON.stringify([kind, id, threadId])

export class ShownStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  of(conversation: ChannelConversation): Shown {
    const [row] = this.#sql
      .exec(
        'SELECT reasoning, verbose FROM shown_steps WHERE conversation = ?',
        nameOf(conversation),
      )
      .toArray()
    if (row === undefined) return NOTHING_SHOWN
    return { reasoning: row['reasoning'] === 1, verbose: row['verbose'] === 1 }
  }

  /**
   * @param isOn null: the other way round than it is
   * @returns how it is now
   */
  set(
    conversation: ChannelConversation,
    kind: ShownKind,
    isOn: boolean | null,
    now: number,
  ): boolean {
    const before = this.of(conversation)
    const after = { ...before, [kind]: isOn ?? !before[kind] }
    this.#sql.exec(
      `INSERT INTO shown_steps (conversation, reasoning, verbose, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (conversation) DO UPDATE
       SET reasoning = excluded.reasoning, verbose = excluded.verbose, at = excluded.at`,
      nameOf(conversation),
      Number(after.reasoning),
      Number(after.verbose),
      now,
    )
    return after[kind]
  }

  hasAny(): boolean {
    return this.#sql.exec('SELECT 1 FROM shown_steps LIMIT 1').toArray().length > 0
  }

  sweep(now: number): void {
    this.#sql.exec('DELETE FROM shown_steps WHERE at < ?', now - KEPT_MS)
  }
}
