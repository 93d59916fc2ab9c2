/**
 * What a chat platform is to the gateway: how what it sends is proven and read, and how it is answered.
 * A folder of a platform exports one `ChannelPlatform`; who is let in, which conversation a message
 * belongs to and when an answer goes out is decided elsewhere, alike for all of them.
 */
import type { z } from 'zod'
import type { BotIdentity, ChannelType } from '../domain/channel.ts'
import type {
  ApprovalChoice,
  InboundEvent,
  InboundFile,
  ReplyAddress,
} from '../domain/channel-event.ts'
import type { Fetch } from '../domain/model.ts'
import type { Result } from '../domain/result.ts'
import type { Delivery, SignatureRefusal } from './delivery.ts'

export type {
  ApprovalChoice,
  ChannelConversation,
  ChannelSender,
  InboundDecision,
  InboundEvent,
  InboundFile,
  InboundMessage,
  ReplyAddress,
} from '../domain/channel-event.ts'
export { APPROVAL_CHOICES } from '../domain/channel-event.ts'
export type { BotIdentity, ChannelType }

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
  /** Proven by a signature that holds whenever it comes again. */
  readonly isAgeless?: true
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
  /** A button was pressed: the platform shows that as being worked on until it hears so. */
  acknowledge?(address: ReplyAddress): Promise<Result<null, SendFailure>>
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
  /** The largest file that `sendFile` takes; null where files cannot be sent. */
  readonly maxFileBytes: number | null
  /** Between two edits of one message; null where messages cannot be edited. */
  readonly minEditMs: number | null
  /**
   * Pauses between attempts to say something, each from the one before, where whoever is told tells a
   * repeat by its id; absent: as the inbox does otherwise, and what may have arrived is not repeated.
   */
  readonly retryMs?: readonly number[]
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
