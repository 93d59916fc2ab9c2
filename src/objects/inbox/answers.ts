/**
 * Says what there is to say: piece by piece, each marked before it is sent, so that none is sent twice
 * without anybody knowing. When it is tried again, and when given up, is decided here; the inbox keeps
 * the time.
 */
import type { ReplyAddress } from '../../domain/channel-event.ts'
import type { AnswerFile } from '../../domain/ports/channel-files.ts'
import { err } from '../../domain/result.ts'
import type { ChannelRun, OpenChannel } from '../../gateway/channels/open-channel.ts'
import { FILES_GONE_TEXT } from '../../gateway/channels/shown-text.ts'
import { audienceOf } from './conversation-store.ts'
import type { DeliveryStore, StoredDelivery } from './delivery-store.ts'
import type { Piece, PieceStore } from './piece-store.ts'

type Delivery = StoredDelivery<ChannelRun>

const NOBODY_KNOWN = 'it was not kept for whom it is: nobody is told it'

/** With the bytes of the file that it is. */
type ToSend = Omit<Piece, 'file'> & { readonly file: AnswerFile | null }

export interface AnswerParts {
  readonly deliveries: DeliveryStore<ChannelRun>
  readonly pieces: PieceStore
  sent(): void
  failed(reason: string): void
  unknown(lane: string, reason: string): Promise<void>
  /** The channel as it is now; null where nothing can be said, which has been seen to. */
  reopen(delivery: Delivery): Promise<OpenChannel | null>
  bury(delivery: Delivery, reason: string): Promise<void>
  /** @param afterMs as the platform said; null counts as a failed attempt of ours */
  again(delivery: Delivery, reason: string, afterMs: number | null): Promise<void>
  /** Once more at that time, whatever else has been tried; it counts as an attempt. */
  postpone(delivery: Delivery, afterMs: number, reason: string): Promise<void>
}

export class Answers {
  readonly #parts: AnswerParts

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  async answer(delivery: Delivery, opened: OpenChannel): Promise<void> {
    const { pieces, deliveries, reopen } = this.#parts
    const { id, event } = delivery
    // Of a former form whose answers say nothing of it, it is whoever asked.
    const told = delivery.audience ?? (event && audienceOf(event))
    if (told === null) return this.#parts.bury(delivery, NOBODY_KNOWN)
    let isFirst = true
    for (let piece = pieces.next(id); piece !== null; piece = pieces.next(id)) {
      // Between two pieces it may be switched off, or stopped.
      const channel = isFirst ? opened : await reopen(delivery)
      if (channel === null) return
      isFirst = false
      const to = await channel.recipientOf(piece.address, told)
      if (to.kind === 'refused') return this.#parts.bury(delivery, to.reason)
      // What nobody asked for is refused as any other that cannot be sent: somebody has to know.
      if (to.kind === 'nowhere' && event !== null) {
        pieces.dropFiles(id)
        return deliveries.end(id, 'answered, and nothing to deliver')
      }
      // It was on its way when this object ended. An edit may be made twice, a message may not.
      if (piece.state === 'sending' && piece.messageId === null && !isRepeatable(channel)) {
        await this.#unknown(delivery, piece, 'it was being sent when the gateway stopped')
        continue
      }
      const file = pieces.fileOf(id, piece)
      if (piece.file !== null && file === null) {
        pieces.sayInstead(id, piece.position, FILES_GONE_TEXT)
        continue
      }
      const isOver = await this.#send(delivery, { ...piece, address: to.address, file }, channel)
      if (isOver) return
    }
    deliveries.end(id, 'answered')
  }

  /** @returns whether the rest of the answer has to wait */
  async #send(delivery: Delivery, piece: ToSend, channel: OpenChannel): Promise<boolean> {
    const { pieces } = this.#parts
    const { client } = channel
    const { position, address, content, messageId, file } = piece
    const mark = (state: 'waiting' | 'sending' | 'sent'): void =>
      pieces.mark(delivery.id, position, state)
    mark('sending')
    const isEdit = messageId !== null && client.edit !== undefined
    const sent =
      file !== null
        ? await sendFile(client, address, file)
        : messageId !== null && client.edit !== undefined
          ? await client.edit(address, messageId, content)
          : await client.send(address, content)
    if (sent.ok) {
      mark('sent')
      this.#parts.sent()
      return false
    }
    const failure = sent.error
    if (failure.kind === 'rate_limited') {
      mark('waiting')
      await this.#again(delivery, channel, 'the platform asked for patience', failure.retryAfterMs)
      return true
    }
    this.#parts.failed(failure.reason)
    if (isEdit && failure.kind === 'refused') {
      mark('waiting')
      pieces.forgetPreview(delivery.id, position)
      return false
    }
    if (failure.kind === 'unknown' && !isEdit) {
      await this.#unknown(delivery, piece, failure.reason)
      return false
    }
    mark('waiting')
    if (failure.kind === 'refused') await this.#parts.bury(delivery, failure.reason)
    else await this.#again(delivery, channel, failure.reason, null)
    return true
  }

  /** By the channel's own schedule where it has one: as long as that is, and no shorter. */
  async #again(
    delivery: Delivery,
    { retryMs }: OpenChannel,
    reason: string,
    afterMs: number | null,
  ): Promise<void> {
    if (retryMs === null) return this.#parts.again(delivery, reason, afterMs)
    const pause = retryMs[delivery.attempts]
    if (pause === undefined) return this.#parts.bury(delivery, reason)
    await this.#parts.postpone(delivery, Math.max(pause, afterMs ?? 0), reason)
    // It may take hours: what comes in meanwhile is not kept waiting behind it.
    this.#parts.deliveries.setAside(delivery.id, delivery.lane)
  }

  async #unknown(
    { id, lane }: Delivery,
    { position }: Pick<Piece, 'position'>,
    reason: string,
  ): Promise<void> {
    this.#parts.pieces.mark(id, position, 'unknown')
    await this.#parts.unknown(lane, reason)
  }
}

async function sendFile(client: OpenChannel['client'], address: ReplyAddress, file: AnswerFile) {
  return client.sendFile === undefined
    ? err({ kind: 'refused', reason: 'this channel takes no files' } as const)
    : client.sendFile(address, file)
}

/** Whoever is called back tells a repeat by its id. */
const isRepeatable = ({ retryMs }: OpenChannel): boolean => retryMs !== null
