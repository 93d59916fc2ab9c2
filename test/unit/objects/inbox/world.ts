/** An inbox over a database in this process, and a platform that notes what it is told. */

import type { OutboundFile, SendFailure } from '../../../../src/channels/platform.ts'
import type { InboundMessage, ReplyAddress, ToldTo } from '../../../../src/domain/channel-event.ts'
import { tenantIdSchema, userIdSchema } from '../../../../src/domain/ids.ts'
import type { FiledEvent } from '../../../../src/domain/ports/inbox.ts'
import type { Principal } from '../../../../src/domain/principal.ts'
import { err, ok, type Result } from '../../../../src/domain/result.ts'
import type { RunEvent } from '../../../../src/domain/run-event.ts'
import type {
  ChannelRun,
  Judged,
  OpenChannel,
  OpenedDoor,
  Overheard,
  Recipient,
} from '../../../../src/gateway/channels/open-channel.ts'
import { Timers } from '../../../../src/objects/alarms.ts'
import { Inbox, type InboxParts } from '../../../../src/objects/inbox/inbox.ts'
import { INBOX_MIGRATIONS } from '../../../../src/objects/schema/inbox.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

export const principal: Principal = {
  tenantId: tenantIdSchema.parse('ten_acme'),
  userId: userIdSchema.parse('channel:chn_1:1'),
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'channel', id: 'chn_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '',
  allowedAgents: null,
  channel: { name: 'telegram', instanceId: 'chn_1', senderId: '1' },
}

export const message = (
  deliveryId: string,
  text = deliveryId,
  fields: Partial<InboundMessage> = {},
): InboundMessage => ({
  kind: 'message',
  deliveryId,
  sender: { id: '1', username: null, displayName: 'Ada', kind: 'person' },
  conversation: { kind: 'direct', id: '1', threadId: null },
  address: { chat: '1' },
  sentAt: null,
  text,
  quoted: null,
  isRelayed: false,
  isMention: false,
  isCommand: false,
  files: [],
  albumId: null,
  ...fields,
})

export const filed = (event: InboundMessage, lane = 'one'): FiledEvent => ({ lane, event })

export const runOf = ({ text, address }: InboundMessage): ChannelRun => ({
  principal,
  sessionKey: 'agent:main:telegram:direct:1',
  message: text,
  outside: null,
  address,
  maySeeSteps: true,
})

/** A run under way: its events are pushed by the test. */
export interface Talk {
  readonly key: string
  readonly run: ChannelRun
  push(event: RunEvent): void
  complete(content: string): void
  /** The stream ends without a word about the run. */
  breakOff(): void
}

const usage = {
  promptTokens: 1,
  completionTokens: 1,
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
}

export class World {
  nowMs = 1_700_000_000_000
  readonly storage: SqliteStorage
  readonly timers: Timers
  readonly talks: Talk[] = []
  readonly sent: string[] = []
  readonly sentTo: ReplyAddress[] = []
  readonly edited: string[] = []
  /** Questions that were put, and those that were said to be over. */
  readonly asked: string[] = []
  readonly settled: string[] = []
  takesFiles = true
  /** How often somebody was shown that an answer is being written; null: the platform shows none. */
  typed: number | null = null
  readonly reports: string[] = []
  readonly judgedWith: Overheard[] = []
  readonly troubles: unknown[] = []
  state: 'open' | 'closed' | 'paused' = 'open'
  /** What the next sends come to; then they arrive. */
  failures: SendFailure[] = []
  editEveryMs: number | null = null
  retryMs: readonly number[] | null = null
  verdict: (event: InboundMessage) => Judged = (event) => ({ kind: 'run', run: runOf(event) })
  refusal: Result<never, { code: 'UNAVAILABLE' | 'FAILED_PRECONDITION'; message: string }> | null =
    null
  recipient: (address: ReplyAddress, audience: ToldTo) => Recipient = (address) => ({
    kind: 'open',
    address,
  })
  /** Resolves when a message is on its way, and holds it back until the test lets it go. */
  hold: Promise<void> | null = null
  inbox: Inbox

  constructor(storage = new SqliteStorage()) {
    this.storage = storage
    this.timers = new Timers(storage)
    migrate(this.storage, INBOX_MIGRATIONS)
    this.inbox = this.open()
  }

  /** A new life over the same storage: what was under way in the old one is forgotten. */
  open(): Inbox {
    const parts: InboxParts = {
      storage: this.storage,
      timers: this.timers,
      door: { open: async (): Promise<OpenedDoor> => this.#door() },
      now: () => this.nowMs,
      report: async (kind, { reason, count }) =>
        void this.reports.push(`${count === undefined ? '' : `${count} `}${kind}: ${reason}`),
      trouble: (error) => void this.troubles.push(error),
    }
    this.inbox = new Inbox(parts)
    return this.inbox
  }

  /** Lets everything that can happen now happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms
    await this.timers.run(
      () => this.nowMs,
      (name) => {
        if (name === 'work') return this.inbox.tick()
        return name === 'tell' ? this.inbox.tell() : this.inbox.sweep()
      },
    )
    await this.settle()
  }

  talk(index = -1): Talk {
    const talk = this.talks.at(index)
    if (talk === undefined) throw new Error('nobody talks')
    return talk
  }

  #door(): OpenedDoor {
    if (this.state !== 'open') return { kind: this.state }
    const channel: OpenChannel = {
      editEveryMs: this.editEveryMs,
      retryMs: this.retryMs,
      client: {
        identify: async () => ok({ id: 'bot', username: null }),
        send: async (address, markdown) => {
          this.sentTo.push(address)
          await this.hold
          const failure = this.failures.shift()
          if (failure) return err(failure)
          this.sent.push(markdown)
          return ok({ messageId: `m${this.sent.length}` })
        },
        ...(this.typed === null
          ? {}
          : {
              typing: async () => {
                this.typed = (this.typed ?? 0) + 1
                return ok(null)
              },
            }),
        ...(this.takesFiles
          ? {
              sendFile: async (_: unknown, { name, mimeType, bytes }: OutboundFile) => {
                await this.hold
                const failure = this.failures.shift()
                if (failure) return err(failure)
                this.sent.push(`${name} (${mimeType}, ${bytes.length}, ${bytes.at(-1)})`)
                return ok({ messageId: `f${this.sent.length}` })
              },
            }
          : {}),
        edit: async (_, id, markdown) => {
          const failure = this.failures.shift()
          if (failure) return err(failure)
          this.edited.push(`${id}: ${markdown}`)
          return ok(null)
        },
        ask: async (_, { detail }) => {
          this.asked.push(detail)
          return ok({ messageId: `q${this.asked.length}` })
        },
        settle: async (_, id) => {
          this.settled.push(id)
          return ok(null)
        },
      },
      judge: async (event, overheard) => {
        this.judgedWith.push(overheard)
        if (event.kind !== 'message') throw new Error('no message')
        return this.verdict(event)
      },
      converse: async (run, key) => {
        if (this.refusal !== null) return this.refusal
        return ok({ runId: `run_${key}` as never, events: this.#stream(run, key) })
      },
      recipientOf: async (address, audience) => this.recipient(address, audience),
      split: (markdown) => (markdown === '' ? [] : markdown.split('\n\n')),
      first: (markdown) => markdown.split('\n\n')[0] || null,
      wordsOf: (result) => (result.kind === 'completed' ? result.content : result.kind),
      wordsOfRefusal: ({ message }) => message,
      questionOf: ({ approvalId, command }) =>
        typeof approvalId === 'string'
          ? { approvalId, tool: 'exec', detail: String(command), reason: '', choices: ['deny'] }
          : null,
    }
    return { kind: 'open', channel }
  }

  #stream(run: ChannelRun, key: string): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const push = (event: RunEvent): void =>
          controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`))
        this.talks.push({
          key,
          run,
          push,
          complete: (content) => {
            push({ type: 'run.completed', content, usage })
            controller.close()
          },
          breakOff: () => controller.close(),
        })
      },
    })
  }
}
