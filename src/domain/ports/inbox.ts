/** One object per channel instance: what came in is stored before the platform is answered. */
import type { InboundEvent, ReplyAddress } from '../channel-event.ts'
import type { AnswerFile } from './channel-files.ts'

/** An event with the conversation whose order it keeps. */
export interface FiledEvent {
  /** Events of one lane are worked on one after the other; commands have lanes of their own. */
  readonly lane: string
  readonly event: InboundEvent
  /** Nothing that is signed says when it was sent: its repeat is told for as long as can be. */
  readonly isAgeless?: true
}

export interface Receipt {
  readonly stored: number
  /** Came before: whatever they ask for has happened, or will. */
  readonly repeated: number
}

/** Something to say that no message asked for: an answer of a schedule, a word about a pairing. */
export interface Outgoing {
  /** Repeated, it is the same one. */
  readonly key: string
  readonly lane: string
  readonly address: ReplyAddress
  readonly content: string
}

/** What goes out with the answer to a message that is being worked on. */
export interface Attachment {
  /** Repeated within one answer, it is the same one. */
  readonly key: string
  /** Of the conversation whose run asks, and whom it answers. */
  readonly sessionKey: string
  readonly senderId: string
  /** In markdown, ahead of the file; null for nothing. */
  readonly content: string | null
  readonly file: AnswerFile | null
}

/** `unasked`: no message of that conversation is being answered. */
export type Attached = 'attached' | 'unasked' | 'too_many' | 'full'

export type DeliveryState = 'waiting' | 'running' | 'answering' | 'done' | 'dead'

export interface DeadLetter {
  readonly id: number
  readonly deliveryId: string
  readonly lane: string
  readonly senderId: string
  readonly text: string
  readonly error: string
  readonly receivedAt: number
  readonly attempts: number
}

export interface InboxHealth {
  readonly waiting: number
  readonly dead: number
  /** Answers of which nobody knows whether they arrived. */
  readonly unknown: number
  readonly lastReceivedAt: number | null
  readonly lastSentAt: number | null
  readonly lastError: { readonly at: number; readonly message: string } | null
}

export interface InboxPort {
  /** Null: too much waits already; the platform is to come again. Stored when it answers. */
  receive(events: readonly FiledEvent[]): Promise<Receipt | null>
  say(outgoing: Outgoing): Promise<void>
  /**
   * Says it in a conversation that was held here before: nobody is written to who never wrote.
   *
   * @param conversation the peer's or group's id; answers whether there was one
   */
  sayIn(conversation: string, message: Pick<Outgoing, 'key' | 'content'>): Promise<boolean>
  /** Stored when it answers; sent behind the words of the answer. */
  attach(attachment: Attachment): Promise<Attached>
  health(): Promise<InboxHealth>
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  /** Begins them anew; null is all of them. Answers how many. */
  replay(ids: readonly number[] | null): Promise<number>
  discard(ids: readonly number[]): Promise<number>
  /** The instance was changed: what waits for it is looked at. */
  changed(): Promise<void>
}
