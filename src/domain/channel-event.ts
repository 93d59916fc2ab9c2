/**
 * What comes in over a channel, whatever the platform: a message, or a button under a question. The
 * platform's folder makes it of what was proven; whether it is heard is decided elsewhere.
 */

export interface ChannelSender {
  /** The platform's stable id, normalised: what lists and pairings compare. Never a display name. */
  readonly id: string
  /** A unique handle without `@`, in lower case, which lists may name as well; null where there is none. */
  readonly username: string | null
  /** For people's eyes alone; proves nothing. */
  readonly displayName: string
  /** `self`: the instance's own account. */
  readonly kind: 'person' | 'bot' | 'self'
}

export interface ChannelConversation {
  readonly kind: 'direct' | 'group'
  /** Of the chat, channel or group; in a direct conversation the peer's own id. */
  readonly id: string
  /** Thread or forum topic inside of it. */
  readonly threadId: string | null
}

/** For whom something is said: where, and who was last heard there. */
export interface Audience {
  readonly conversation: ChannelConversation
  readonly sender: Pick<ChannelSender, 'id' | 'username'>
}

/** `anyone`: whoever it is by now, as that they are not let in, or what became of their command. */
export type ToldTo = Audience | 'anyone'

/** A file beside a message, not fetched yet. */
export interface InboundFile {
  /** What the platform's client fetches it by: a file id or an address of the platform. */
  readonly reference: string
  readonly name: string
  readonly mimeType: string | null
  /** As the platform says; null where it does not. */
  readonly bytes: number | null
}

/** Where an answer goes: what the platform's client needs, and nothing secret that outlives it. JSON. */
export type ReplyAddress = Readonly<Record<string, string | number | boolean | null>>

interface InboundBase {
  /** Of the platform's making: equal for a repeat, unequal for anything else of the instance. */
  readonly deliveryId: string
  readonly sender: ChannelSender
  readonly conversation: ChannelConversation
  readonly address: ReplyAddress
  /** Milliseconds since 1970; null where the platform tells none. */
  readonly sentAt: number | null
}

export interface InboundMessage extends InboundBase {
  readonly kind: 'message'
  /** As typed, with the bot's own mention taken out; attached, quoted and forwarded text is not in it. */
  readonly text: string
  /** Text of others that the message carries along: forwarded, or of what it answers. Untrusted. */
  readonly quoted: string | null
  /** Forwarded, sent via another bot or a hook: its sender did not write it. It commands nothing. */
  readonly isRelayed: boolean
  /** A native mention of the bot, an answer to it, or a command of its own. */
  readonly isMention: boolean
  /**
   * It begins the thread that its conversation names, and was itself said outside of it, among what was
   * said there.
   */
  readonly beginsThread?: true
  /** Given as the platform's own command, as slash commands are: no mention is needed. */
  readonly isCommand: boolean
  readonly files: readonly InboundFile[]
  /** Messages of one album come one by one and are one message; null for all others. */
  readonly albumId: string | null
}

/** A button under a question was pressed. */
export interface InboundDecision extends InboundBase {
  readonly kind: 'decision'
  readonly approvalId: string
  readonly decision: ApprovalChoice
}

export type ApprovalChoice = 'allow-once' | 'allow-always' | 'deny'
export const APPROVAL_CHOICES: readonly ApprovalChoice[] = ['allow-once', 'allow-always', 'deny']

export type InboundEvent = InboundMessage | InboundDecision
