/**
 * What a chat platform is to the gateway: how what it sends is proven and read, and how it is answered.
 * A folder of a platform exports one `ChannelPlatform`; who is let in, which conversation a message
 * belongs to and when an answer goes out is decided elsewhere, alike for all of them.
 */
import type { z } from 'zod'
import type { Fetch } from '../domain/model.ts'
import type { Result } from '../domain/result.ts'
import type { Delivery, SignatureRefusal } from './delivery.ts'

export const CHANNEL_TYPES = [
  'slack',
  'telegram',
  'discord',
  'whatsapp',
  'feishu',
  'zalo',
  'webhook',
] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]

/** The account that the instance speaks as, as far as the platform told it; ids as the platform spells them. */
export interface BotIdentity {
  readonly id: string
  /** Without `@`; null where the platform has none. */
  readonly username: string | null
}

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

/** What the platform is answered at once. */
export interface PlatformAnswer {
  readonly status: number
  readonly contentType: 'application/json' | 'text/plain'
  readonly body: string
}

export const ACKNOWLEDGED: PlatformAnswer = {
  status: 200,
  contentType: 'application/json',
  body: '{}',
}

export interface Received {
  /** In the order of the platform. Empty: nothing that concerns an agent. */
  readonly events: readonly InboundEvent[]
  readonly answer: PlatformAnswer
  /** Equal for a delivery and its replay; null where nothing signed is unique. */
  readonly replayKey: string | null
}

export interface ReceiveFacts {
  readonly method: string
  readonly query: URLSearchParams
  readonly nowMs: number
  readonly self: BotIdentity | null
}

/** `malformed`: well signed, and nothing that the platform's documents describe. */
export type ReceiveRefusal = SignatureRefusal | 'malformed'

/** What a call to a platform came to. Nothing secret is in a reason. */
export type SendFailure =
  /** The platform asks for patience; `retryAfterMs` is its own figure where it gives one. */
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number }
  /** Not done for certain, and may pass: no connection, or an error of the platform before it acted. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Cut off after it was sent: it may have been done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Never: the token is void, the chat is gone, the bot was removed. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface SentMessage {
  /** What `edit` takes. */
  readonly messageId: string
}

export interface ApprovalQuestion {
  readonly approvalId: string
  readonly tool: string
  /** The exact command or arguments, plain; cut to fit by the client, and it says so. */
  readonly detail: string
  readonly reason: string
  readonly choices: readonly ApprovalChoice[]
}

export interface OutboundFile {
  readonly name: string
  readonly mimeType: string
  readonly bytes: Uint8Array
}

/** Speaks to the platform as one instance. Methods that a platform has not are absent. */
export interface ChannelClient {
  /** Who the credentials are, and thereby whether they hold. */
  identify(): Promise<Result<BotIdentity, SendFailure>>
  /** One chunk of markdown that `fits`; previews and mass mentions are off in every payload. */
  send(address: ReplyAddress, markdown: string): Promise<Result<SentMessage, SendFailure>>
  edit?(
    address: ReplyAddress,
    messageId: string,
    markdown: string,
  ): Promise<Result<null, SendFailure>>
  typing?(address: ReplyAddress): Promise<Result<null, SendFailure>>
  ask?(address: ReplyAddress, question: ApprovalQuestion): Promise<Result<SentMessage, SendFailure>>
  /** The question is over: shows what became of it, and takes its buttons away. */
  settle?(
    address: ReplyAddress,
    messageId: string,
    outcome: string,
  ): Promise<Result<null, SendFailure>>
  fetchFile?(file: InboundFile, maxBytes: number): Promise<Result<Uint8Array, SendFailure>>
  sendFile?(address: ReplyAddress, file: OutboundFile): Promise<Result<SentMessage, SendFailure>>
  /** Registers the address of our webhook where a platform lets its bots do that, and verifies it. */
  register?(webhookUrl: string): Promise<Result<null, SendFailure>>
  unregister?(): Promise<Result<null, SendFailure>>
}

export interface ClientParts {
  /** Guarded; a path of it is not followed to another host. */
  readonly fetch: Fetch
  /** Without a slash at its end. */
  readonly baseUrl: string
}

export interface ChannelPlatform<Credentials extends Readonly<Record<string, string | undefined>>> {
  readonly type: ChannelType
  /** Strict: a key that is not known is refused, an empty secret as well. */
  readonly credentials: z.ZodType<Credentials>
  readonly baseUrl: string
  /** The longest chunk, in the platform's own unit, and how it counts the markdown it is handed. */
  readonly maxChunk: number
  measure(markdown: string): number
  /** Between two edits of one message; null where messages cannot be edited. */
  readonly minEditMs: number | null
  /** As lists of senders are compared: lower case, without `@`, digits alone … null: no sender's name. */
  normalizeSender(name: string): string | null
  /** Proves, decrypts and reads one request of the platform. */
  receive(
    delivery: Delivery,
    credentials: Credentials,
    facts: ReceiveFacts,
  ): Promise<Result<Received, ReceiveRefusal>>
  client(credentials: Credentials, parts: ClientParts): ChannelClient
}
