/**
 * Works on what came in, in order within each conversation and beside each other otherwise. Every step
 * may be cut off and comes again: a run is asked for under its delivery's id, so that it runs once. It
 * knows no platform; the door does.
 */
import type { InboundMessage, ReplyAddress, ToldTo } from '../../domain/channel-event.ts'
import type {
  Attached,
  Attachment,
  FiledEvent,
  InboxHealth,
  Outgoing,
  Receipt,
} from '../../domain/ports/inbox.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { isUrgentLane, placeOfWords } from '../../gateway/channels/lane.ts'
import type { ChannelDoor, ChannelRun, OpenChannel } from '../../gateway/channels/open-channel.ts'
import { switchedText } from '../../gateway/channels/shown-text.ts'
import { retryDelayMs, type Timers } from '../alarms.ts'
import type { SqlStorage } from '../schema/sql.ts'
import { Answers } from './answers.ts'
import { audienceOf, ConversationStore } from './conversation-store.ts'
import { DeliveryStore, type StoredDelivery } from './delivery-store.ts'
import { hearRun } from './hear-run.ts'
import { LaneWork } from './lane-work.ts'
import { OverheardStore } from './overheard-store.ts'
import { PieceStore } from './piece-store.ts'
import { digestOf, SeenStore } from './seen-store.ts'
import { ShownStore } from './shown-store.ts'
import { type TroubleKind, Troubles } from './troubles.ts'

export const WORK = 'work'
export const SWEEP = 'sweep'

/** What is under way and lost its object is taken up again by then. */
const WATCH_MS = 10_000
const SWEEP_MS = 3_600_000
/** Of an inbox that has nothing but what is kept for weeks and months. */
const SLOW_SWEEP_MS = 24 * SWEEP_MS
const MAX_ATTEMPTS = 6
/** What could not be begun, or said, for so long is put aside for an admin to look at. */
const MAX_WAIT_MS = 3_600_000
/** The pictures of an album come within a moment of each other. */
const ALBUM_MS = 1_200
const BUSY_MS = 2_000
/** Between two looks whether an emergency stop is over. */
const PAUSE_MS = 30_000
/** Behind the reason of a dead letter. */
const FILES_GONE = ' (its files are not kept)'

export interface InboxParts {
  readonly storage: SqlStorage
  readonly timers: Pick<Timers, 'set' | 'setNoLater'>
  readonly door: ChannelDoor
  now(): number
  /** Of the instance's trouble, for its admins. */
  report(kind: TroubleKind, fields: Readonly<Record<string, string>>): Promise<void>
  trouble(error: unknown): void
}

type Delivery = StoredDelivery<ChannelRun>

export class Inbox {
  readonly #parts: InboxParts
  readonly #deliveries: DeliveryStore<ChannelRun>
  readonly #pieces: PieceStore
  readonly #seen: SeenStore
  readonly #overheard: OverheardStore
  readonly #conversations: ConversationStore
  readonly #shown: ShownStore
  readonly #answers: Answers
  readonly #troubles: Troubles
  readonly #work: LaneWork<Delivery>
  #lastSentAt: number | null = null
  #lastError: InboxHealth['lastError'] = null

  constructor(parts: InboxParts) {
    this.#parts = parts
    const { sql } = parts.storage
    this.#seen = new SeenStore(sql)
    this.#deliveries = new DeliveryStore(sql, this.#seen)
    this.#pieces = new PieceStore(sql)
    this.#overheard = new OverheardStore(sql)
    this.#conversations = new ConversationStore(sql)
    this.#shown = new ShownStore(sql)
    this.#troubles = new Troubles({
      sql,
      timers: parts.timers,
      now: parts.now,
      report: parts.report,
    })
    this.#work = new LaneWork({
      dueHead: (lane) => this.#dueHead(lane),
      step: (head) => this.#try(head),
      trouble: parts.trouble,
    })
    this.#answers = new Answers({
      deliveries: this.#deliveries,
      pieces: this.#pieces,
      sent: () => {
        this.#lastSentAt = parts.now()
      },
      failed: (message) => {
        this.#lastError = { at: parts.now(), message }
      },
      unknown: (lane, reason) => this.#troubles.note('delivery_unknown', { lane, reason }),
      reopen: (delivery) => this.#open(delivery),
      bury: (delivery, reason) => this.#bury(delivery, reason),
      again: (delivery, reason, afterMs) => this.#again(delivery, reason, afterMs),
      postpone: (delivery, afterMs, reason) =>
        this.#postpone(delivery, parts.now() + afterMs, reason, true),
    })
  }

  /**
   * Null: for some of it too much waits already. What is answered is stored; of what is not, the part
   * that was stored all the same is known when it comes again.
   */
  async receive(events: readonly FiledEvent[]): Promise<Receipt | null> {
    const { storage, timers, now } = this.#parts
    const at = now()
    // Ahead of the rows: a timer that comes for nothing harms nobody.
    await timers.setNoLater(WORK, at + WATCH_MS)
    await timers.setNoLater(SWEEP, at + SWEEP_MS)
    const digested = await Promise.all(
      events.map(async (filed) => ({
        ...filed,
        digest: filed.isAgeless === true ? await digestOf(filed.event.deliveryId) : null,
      })),
    )
    const entered = storage.transactionSync(() => this.#deliveries.enter(digested, at))
    for (const lane of new Set(events.map((filed) => filed.lane))) this.#work.kick(lane)
    const { turnedAway, ...receipt } = entered
    return turnedAway > 0 ? null : receipt
  }

  say(outgoing: Outgoing): Promise<void> {
    return this.#enter(outgoing, 'anyone')
  }

  async #enter({ key, lane, address, content }: Outgoing, audience: ToldTo): Promise<void> {
    const { storage, timers, now, door } = this.#parts
    await timers.setNoLater(WORK, now() + WATCH_MS)
    const opened = await door.open()
    const pieces = opened.kind === 'open' ? opened.channel.split(content) : [content]
    storage.transactionSync(() => {
      const id = this.#deliveries.enterAnswer(key, lane, audience, now())
      if (id !== null) this.#pieces.put(id, address, pieces, null)
    })
    this.#work.kick(lane)
  }

  async sayIn(
    conversation: string,
    { key, content }: Pick<Outgoing, 'key' | 'content'>,
  ): Promise<boolean> {
    const known = this.#conversations.find(conversation)
    if (known === null) return false
    const { lane, address, audience } = known
    await this.#enter({ key, lane, address, content }, audience)
    return true
  }

  async attach({ key, sessionKey, senderId, content, file }: Attachment): Promise<Attached> {
    const opened = await this.#parts.door.open()
    if (opened.kind !== 'open') return 'unasked'
    const contents = content === null ? [] : opened.channel.split(content)
    return this.#parts.storage.transactionSync(() => {
      const answered = this.#deliveries.runningIn(sessionKey, senderId)
      if (answered?.request == null) return 'unasked'
      return this.#pieces.attach(answered, answered.request.address, key, contents, file)
    })
  }

  health(): InboxHealth {
    return {
      waiting: this.#deliveries.countOpen(),
      dead: this.#deliveries.countDead(),
      unknown: this.#pieces.countUnknown(),
      lastReceivedAt: this.#deliveries.lastReceivedAt(),
      lastSentAt: this.#lastSentAt,
      lastError: this.#lastError,
    }
  }

  deadLetters(limit: number) {
    return this.#deliveries.deadLetters(limit).map((letter) => {
      const error = `${letter.error}${this.#pieces.lacksFiles(letter.id) ? FILES_GONE : ''}`
      return { ...letter, error }
    })
  }

  async replay(ids: readonly number[] | null): Promise<number> {
    const { timers, now } = this.#parts
    await timers.setNoLater(WORK, now() + WATCH_MS)
    const wanted = ids ?? this.#deliveries.deadIds()
    const revived = wanted.filter((id) =>
      this.#deliveries.revive(id, this.#pieces.hasAny(id), now()),
    )
    this.#kickAll()
    return revived.length
  }

  discard(ids: readonly number[]): number {
    return ids.filter((id) => this.#deliveries.discard(id)).length
  }

  /** The handler of the timer. */
  async tick(): Promise<void> {
    this.#kickAll()
    const { timers, now } = this.#parts
    const next = this.#deliveries.nextDueAt()
    if (next !== null) await timers.set(WORK, next > now() ? next : now() + WATCH_MS)
  }

  /** And of the one that tells what was not told at once. */
  tell(): Promise<void> {
    return this.#troubles.tell()
  }

  async sweep(): Promise<void> {
    const { timers, now } = this.#parts
    this.#deliveries.sweep(now())
    this.#pieces.sweep()
    this.#conversations.sweep(now())
    this.#shown.sweep(now())
    this.#overheard.sweep(now())
    this.#seen.sweep(now())
    if (this.#deliveries.lastReceivedAt() !== null) await timers.set(SWEEP, now() + SWEEP_MS)
    else if (this.#keepsAny()) await timers.set(SWEEP, now() + SLOW_SWEEP_MS)
  }

  #keepsAny(): boolean {
    const stores = [this.#conversations, this.#shown, this.#overheard, this.#seen]
    return stores.some((store) => store.hasAny())
  }

  close(): Promise<void> {
    return this.#work.close()
  }

  #kickAll(): void {
    for (const lane of this.#deliveries.dueLanes(this.#parts.now())) this.#work.kick(lane)
  }

  #dueHead(lane: string): Delivery | null {
    const head = this.#deliveries.head(lane)
    return head !== null && head.dueAt <= this.#parts.now() ? head : null
  }

  async #try(delivery: Delivery): Promise<void> {
    try {
      await this.#step(delivery)
    } catch (error) {
      this.#parts.trouble(error)
      await this.#again(delivery, 'the gateway could not work on it', null)
    }
  }

  async #step(delivery: Delivery): Promise<void> {
    const channel = await this.#open(delivery)
    if (channel === null) return
    switch (delivery.state) {
      case 'waiting':
        return this.#judge(delivery, channel)
      case 'running':
        return this.#run(delivery, channel)
      default:
        return this.#answers.answer(delivery, channel)
    }
  }

  async #open(delivery: Delivery): Promise<OpenChannel | null> {
    const door = await this.#parts.door.open()
    if (door.kind === 'open') return door.channel
    if (door.kind === 'closed') await this.#bury(delivery, 'the channel is switched off')
    else {
      const dueAt = this.#parts.now() + PAUSE_MS
      await this.#postpone(delivery, dueAt, 'an emergency stop is in force', false)
    }
    return null
  }

  async #judge(delivery: Delivery, channel: OpenChannel): Promise<void> {
    const { event, lane, id } = delivery
    if (event === null) return this.#deliveries.end(id, 'nothing was said')
    const albumId = event.kind === 'message' ? event.albumId : null
    const wholeAt = delivery.receivedAt + ALBUM_MS
    if (albumId !== null && this.#parts.now() < wholeAt) {
      return this.#postpone(delivery, wholeAt, null, false)
    }
    const rest = albumId === null ? [] : this.#deliveries.restOfAlbum(delivery, albumId)
    const album = rest.map((one) => one.event).filter((one): one is InboundMessage => one !== null)
    const place = placeOfWords(event)
    const lines = this.#overheard.of(place)
    const judged = await channel.judge(event, { lines, album })
    const { storage, now } = this.#parts
    storage.transactionSync(() => {
      if (judged.kind === 'later') return
      for (const other of rest) this.#deliveries.end(other.id, 'of an album')
      if (judged.kind === 'drop') this.#deliveries.end(id, judged.reason)
      if (judged.kind === 'overhear') {
        this.#overheard.add(place, judged.line, now())
        this.#deliveries.end(id, 'overheard')
      }
      if (judged.kind === 'run') {
        this.#conversations.note(event, lane, now())
        this.#overheard.clear(place)
        this.#deliveries.begin(id, judged.run)
      }
      if (judged.kind === 'show') {
        const isOn = this.#shown.set(event.conversation, judged.what, judged.isOn, now())
        this.#reply(id, event.address, channel, switchedText(judged.what, isOn), 'anyone')
      }
      if (judged.kind === 'answer') this.#reply(id, event.address, channel, judged.text, 'anyone')
    })
    if (judged.kind === 'later') {
      await this.#again(delivery, judged.reason, judged.afterMs)
    }
    // The platform may want patience before it takes the answer: the next command does not wait for that.
    const isSaid = judged.kind === 'answer' || judged.kind === 'show'
    if (isSaid && isUrgentLane(lane)) {
      this.#work.kick(this.#deliveries.setAside(id, lane))
    }
  }

  async #run(delivery: Delivery, channel: OpenChannel): Promise<void> {
    const { request, id, deliveryId, event } = delivery
    if (request === null || event === null) return this.#bury(delivery, 'it cannot be read')
    const conversation = await channel.converse(request, deliveryId)
    if (!conversation.ok) return this.#refused(delivery, request, channel, conversation.error)
    const asker = audienceOf(event)
    const { door, now, trouble } = this.#parts
    const { events } = conversation.value
    const ended = await hearRun({ run: request, event, asker, events }, channel, {
      door,
      shown: this.#shown,
      now,
      trouble,
    })
    // The object that runs it went away; asking again takes the run up where it is.
    if (ended === null) return this.#again(delivery, 'the run was lost from sight', null)
    const { result, words, preview } = ended
    // What became of it they are told whoever they are by now, but not what the agent said.
    const to = result.kind === 'completed' ? asker : 'anyone'
    // Whoever was let out, or stopped it, is not sent what the agent meant to send.
    if (result.kind !== 'completed') this.#pieces.dropFiles(id)
    this.#parts.storage.transactionSync(() =>
      this.#reply(id, request.address, channel, words, to, preview),
    )
  }

  async #refused(
    delivery: Delivery,
    { address }: ChannelRun,
    channel: OpenChannel,
    refusal: Refusal,
  ): Promise<void> {
    const { code, message, retryable, retryAfterMs } = refusal
    const mayPass = retryable === true || code === 'UNAVAILABLE' || code === 'INTERNAL'
    if (mayPass) return this.#again(delivery, message, retryAfterMs ?? BUSY_MS)
    const words = channel.wordsOfRefusal(refusal)
    this.#parts.storage.transactionSync(() =>
      this.#reply(delivery.id, address, channel, words, 'anyone'),
    )
  }

  #reply(
    id: number,
    address: ReplyAddress,
    channel: OpenChannel,
    text: string,
    to: ToldTo,
    preview: string | null = null,
  ): void {
    this.#pieces.put(id, address, channel.split(text), preview)
    this.#deliveries.answering(id, to)
  }

  /** @param afterMs as whoever refused it said; null counts as a failed attempt of ours */
  async #again(delivery: Delivery, reason: string, afterMs: number | null): Promise<void> {
    const { now } = this.#parts
    const isTooLate = now() - delivery.receivedAt > MAX_WAIT_MS
    const isTooOften = afterMs === null && delivery.attempts + 1 >= MAX_ATTEMPTS
    if (isTooLate || isTooOften) return this.#bury(delivery, reason)
    const pause = afterMs ?? retryDelayMs(delivery.attempts + 1)
    await this.#postpone(delivery, now() + pause, reason, afterMs === null)
  }

  async #postpone(
    { id }: Delivery,
    dueAt: number,
    reason: string | null,
    isAttempt: boolean,
  ): Promise<void> {
    this.#deliveries.postpone(id, dueAt, reason, isAttempt)
    await this.#parts.timers.setNoLater(WORK, dueAt)
  }

  async #bury({ id, lane }: Delivery, reason: string): Promise<void> {
    this.#parts.storage.transactionSync(() => {
      this.#deliveries.bury(id, reason)
      // It may lie there for a month, and nobody else's files wait for that.
      this.#pieces.dropBytes(id)
    })
    this.#lastError = { at: this.#parts.now(), message: reason }
    await this.#troubles.note('delivery_dead', { lane, reason })
  }
}
