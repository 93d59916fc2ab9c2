/** What an inbox asks of the gateway: what is to become of an event, and how its answer gets out. */
import type { ApprovalQuestion, ChannelClient } from '../../channels/platform.ts'
import type {
  InboundEvent,
  InboundMessage,
  ReplyAddress,
  ToldTo,
} from '../../domain/channel-event.ts'
import type { Conversation } from '../../domain/ports/session.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Result } from '../../domain/result.ts'
import type { RunResult } from '../../domain/run-event.ts'
import type { UntrustedSource } from '../../domain/untrusted.ts'
import type { ShownKind } from './shown-text.ts'

/** A message that was admitted, as it is put to its session: kept, so that a repeat asks for the same. */
export interface ChannelRun {
  readonly principal: Principal
  readonly sessionKey: string
  readonly message: string
  readonly outside: { readonly text: string; readonly source: UntrustedSource } | null
  readonly address: ReplyAddress
  /** Whether its sender may have shown what leads to the answer. */
  readonly maySeeSteps: boolean
}

export type Judged =
  | { readonly kind: 'drop'; readonly reason: string }
  /** Kept as context for when the agent is asked. */
  | { readonly kind: 'overhear'; readonly line: string }
  /** Answered without a run: a command, or a code to be let in with. */
  | { readonly kind: 'answer'; readonly text: string; readonly reason: string }
  /** What leads to answers is shown from now on, or not; null: the other way round than it is. */
  | { readonly kind: 'show'; readonly what: ShownKind; readonly isOn: boolean | null }
  | { readonly kind: 'later'; readonly afterMs: number; readonly reason: string }
  | { readonly kind: 'run'; readonly run: ChannelRun }

export interface Overheard {
  /** Lines of the group since the agent was last asked, oldest first. */
  readonly lines: readonly string[]
  /** The other messages of its album. */
  readonly album: readonly InboundMessage[]
}

export type Recipient =
  | { readonly kind: 'open'; readonly address: ReplyAddress }
  /** Whoever asked wants no answer sent: it stands in the conversation. */
  | { readonly kind: 'nowhere'; readonly address: ReplyAddress }
  /** Let out since, or gone. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface OpenChannel {
  readonly client: ChannelClient
  /** Between two edits of a message that grows; null where answers are shown when they are whole. */
  readonly editEveryMs: number | null
  /** As the platform has it; null: as the inbox does otherwise. */
  readonly retryMs: readonly number[] | null
  judge(event: InboundEvent, overheard: Overheard): Promise<Judged>
  /** @param key of the delivery: asked twice it is one run */
  converse(run: ChannelRun, key: string): Promise<Result<Conversation, Refusal>>
  /** Where something goes that is to be said now, to an address of earlier. */
  recipientOf(address: ReplyAddress, to: ToldTo): Promise<Recipient>
  /** Pieces that the platform takes, in order; none for nothing. */
  split(markdown: string): readonly string[]
  /** The first of them, at the price of one however long the text is; null for nothing. */
  first(markdown: string): string | null
  /** What the conversation is told of a run's end. */
  wordsOf(result: RunResult): string
  /** And of a message that begins none. */
  wordsOfRefusal(refusal: Refusal): string
  /** Null for a wait that is none for a person. */
  questionOf(detail: Readonly<Record<string, unknown>>): ApprovalQuestion | null
}

export type OpenedDoor =
  | { readonly kind: 'open'; readonly channel: OpenChannel }
  /** There is no such channel any more, or it is switched off. */
  | { readonly kind: 'closed' }
  /** An emergency stop: nothing outside is reached until it is released. */
  | { readonly kind: 'paused' }

export interface ChannelDoor {
  /** As it is now. */
  open(): Promise<OpenedDoor>
}
