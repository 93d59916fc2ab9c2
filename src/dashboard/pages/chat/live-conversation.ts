/**
 * Keeps one conversation up to date over one gateway connection after another: reads it, follows its
 * events, asks for what was missed, and repeats a message under its key until it is answered. What an
 * answer or event means is the reducer's business.
 */
import type { Gateway, OperationName, ParamsOf, ResultOf } from '../../client/gateway.ts'
import { codeOf, Disconnected, inPlainWords } from '../../client/refusal.ts'
import type { EventFrame } from '../../client/socket.ts'
import { currentVisit } from '../../client/visit.ts'
import {
  type Conversation,
  eventOf,
  hear,
  hold,
  needsSettling,
  openConversation,
  refused,
  release,
  sending,
  sent,
  withdrawn,
  withEarlier,
  withHistory,
  withSettled,
} from './conversation.ts'

export type Link = Pick<Gateway, 'read' | 'change' | 'onEvent' | 'onReopened' | 'state'>

const PAGE = 50
/** Of the newest messages, when an ended run is made whole. */
const TAIL = 200

export class LiveConversation {
  #value: Conversation
  readonly #link: Link
  /** Another tenant may have a session of this name: nothing is said or asked there. */
  readonly #visit = currentVisit()
  readonly #watchers = new Set<() => void>()
  readonly #unlink: readonly (() => void)[]
  /** Reading and catching up, one after the other. */
  #work: Promise<void> = Promise.resolve()
  #isLoadingEarlier = false

  constructor(sessionKey: string, link: Link, { isNew = false } = {}) {
    this.#link = link
    const empty = openConversation(sessionKey)
    this.#value = isNew ? { ...empty, state: 'absent', held: null } : empty
    this.#unlink = [
      link.onEvent((frame) => this.#hear(frame)),
      link.onReopened(() => {
        // At once: what comes before the answer waits for what was missed.
        this.#become(hold(this.#value))
        this.#after(() => this.#catchUp())
      }),
    ]
    if (!isNew) this.#after(() => this.#load())
  }

  get value(): Conversation {
    return this.#value
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  get isSending(): boolean {
    return this.#value.outgoing.some(({ state }) => state === 'sending')
  }

  dispose(): void {
    for (const unlink of this.#unlink) unlink()
    this.#watchers.clear()
  }

  /** Reads all of it anew. */
  reload(): void {
    this.#after(() => this.#load())
  }

  /** Asks what was missed: for readers whom the gateway may have forgotten meanwhile. */
  catchUp(): void {
    if (this.#value.state === 'open' && this.#value.held === null)
      this.#after(() => this.#catchUp())
  }

  async loadEarlier(): Promise<void> {
    const { nextBefore: before, sessionKey } = this.#value
    if (before === null || this.#isLoadingEarlier) return
    this.#isLoadingEarlier = true
    try {
      const page = await this.#read('chat.history', { sessionKey, limit: PAGE, before })
      if (this.#value.nextBefore === before) this.#become(withEarlier(this.#value, page))
    } finally {
      this.#isLoadingEarlier = false
    }
  }

  /** Resolves when it was answered or refused; the conversation shows which. */
  async send(text: string): Promise<void> {
    const key = crypto.randomUUID()
    this.#become(sending(this.#value, key, text))
    const { sessionKey } = this.#value
    const params = { sessionKey, message: text, stream: true, idempotencyKey: key }
    for (;;) {
      try {
        const answer = await this.#link.change('chat.send', params, this.#visit)
        return this.#become(sent(this.#value, key, answer))
      } catch (error) {
        const isLost = error instanceof Disconnected && this.#link.state.kind !== 'signed_out'
        // The key makes the gateway answer the repeat with the first one's run.
        if (!isLost) return this.#become(refused(this.#value, key, inPlainWords(error)))
      }
    }
  }

  /** Takes back what was refused, and answers its words. */
  withdraw(key: string): void {
    this.#become(withdrawn(this.#value, key))
  }

  #become(value: Conversation): void {
    if (value === this.#value) return
    this.#value = value
    for (const watcher of this.#watchers) watcher()
  }

  #after(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      const { held, lastSeq } = this.#value
      const open = held === null ? this.#value : release(this.#value, lastSeq)
      const isAbsent = codeOf(error) === 'NOT_FOUND'
      if (isAbsent) this.#become(open.state === 'open' ? open : { ...open, state: 'absent' })
      else this.#become({ ...open, state: 'failed', error })
    })
  }

  #read<Name extends OperationName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>> {
    return this.#link.read(name, params, this.#visit)
  }

  #hear({ event, payload, seq }: EventFrame): void {
    if (event !== 'agent') return
    const heard = eventOf(this.#value.sessionKey, payload, seq)
    if (heard === null) return
    this.#become(hear(this.#value, heard))
    this.#settleLater()
  }

  #settleLater(): void {
    if (needsSettling(this.#value)) this.#after(() => this.#settle())
  }

  async #load(): Promise<void> {
    const { sessionKey } = this.#value
    const { outgoing } = this.#value
    this.#become({ ...openConversation(sessionKey), outgoing })
    const first = await this.#read('sessions.resume', { sessionKey, onlyRunning: true })
    const lastSeq = await this.#readOn(first)
    this.#become(release(this.#value, lastSeq ?? 0))
    const page = await this.#read('chat.history', { sessionKey, limit: PAGE })
    this.#become(withHistory(this.#value, page))
    this.#settleLater()
  }

  async #catchUp(): Promise<void> {
    const { sessionKey, lastSeq: afterSeq, state } = this.#value
    if (state === 'failed') return this.#load()
    this.#become(hold(this.#value))
    const first = await this.#read('sessions.resume', { sessionKey, afterSeq })
    const lastSeq = await this.#readOn(first)
    // Older than the gateway's log: the history is read anew.
    if (lastSeq === null) return this.#load()
    this.#become(release(this.#value, lastSeq))
    this.#settleLater()
  }

  /** The pages behind the first; null where the log begins later. */
  async #readOn(first: Readonly<Record<string, unknown>>): Promise<number | null> {
    const { sessionKey } = this.#value
    let answer = first
    for (;;) {
      if (answer['gap'] === true) return null
      const lastSeq = Number(answer['lastSeq'] ?? 0)
      if (answer['more'] !== true) return lastSeq
      answer = await this.#read('sessions.resume', { sessionKey, afterSeq: lastSeq })
    }
  }

  async #settle(): Promise<void> {
    if (!needsSettling(this.#value)) return
    const { sessionKey } = this.#value
    const page = await this.#read('chat.history', { sessionKey, limit: TAIL })
    this.#become(withSettled(this.#value, page))
  }
}
