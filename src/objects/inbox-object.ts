/**
 * One per channel instance. A shell around inbox/: it stores what the platform sent before the platform
 * is answered, and its alarm makes sure that whatever was begun is ended. Nothing of it is reached but
 * through the gateway, which has proven where a delivery comes from.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Services } from '../api/context.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { parseObjectName } from '../domain/object-name.ts'
import type {
  Attached,
  Attachment,
  DeadLetter,
  FiledEvent,
  InboxHealth,
  InboxPort,
  Outgoing,
  Receipt,
} from '../domain/ports/inbox.ts'
import type { Erasable } from '../domain/ports/tenant-end.ts'
import { securityEvent } from '../domain/security-event.ts'
import { createChannelDoor } from '../gateway/channels/door.ts'
import type { ChannelDoor } from '../gateway/channels/open-channel.ts'
import { createReporter } from '../gateway/emit.ts'
import type { Env } from '../gateway/env.ts'
import { type Runtime, requireRuntime } from '../gateway/runtime.ts'
import { createServices } from '../gateway/services.ts'
import { logError } from '../telemetry/log.ts'
import { Timers } from './alarms.ts'
import { DirectoryEntry } from './directory-entry.ts'
import { Inbox, SWEEP, WORK } from './inbox/inbox.ts'
import { TELL } from './inbox/troubles.ts'
import { INBOX_MIGRATIONS } from './schema/inbox.ts'
import { SchemaGate } from './schema/migrate.ts'

const NOTHING: InboxHealth = {
  waiting: 0,
  dead: 0,
  unknown: 0,
  lastReceivedAt: null,
  lastSentAt: null,
  lastError: null,
}

export class InboxObject extends DurableObject<Env> implements InboxPort, Erasable {
  readonly #runtime: Runtime
  readonly #services: Services
  readonly #schema: SchemaGate
  readonly #timers: Timers
  readonly #entry: DirectoryEntry
  readonly #inbox: Inbox
  #door: ChannelDoor | null = null

  /** Touches no storage. */
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#runtime = requireRuntime(env)
    this.#services = createServices(env, this.#runtime.keyRing, ctx)
    this.#schema = new SchemaGate(ctx, INBOX_MIGRATIONS)
    this.#timers = new Timers(ctx.storage)
    this.#entry = new DirectoryEntry(ctx, env, 'inbox')
    this.#inbox = new Inbox({
      storage: ctx.storage,
      timers: this.#timers,
      door: {
        open: () => {
          const { settings } = this.#runtime
          this.#door ??= createChannelDoor(this.#services, settings, ...this.#name)
          return this.#door.open()
        },
      },
      now: this.#services.now,
      report: async (kind, fields) => {
        const [tenantId, instanceId] = this.#name
        const event = securityEvent(kind, { ...fields, instance: instanceId })
        createReporter(this.#services, { tenantId })(event)
        const audience = { kind: 'admins' } as const
        await this.#services
          .tenant(tenantId)
          .publish('channel.trouble', { kind, instance: instanceId, ...fields }, audience)
          .catch((error: unknown) => logError('inbox.publish', error))
      },
      trouble: (error) => logError('inbox.failed', error, { instance: this.#name[1] }),
    })
  }

  get #name(): readonly [TenantId, string] {
    const [tenantId, instanceId] = parseObjectName(this.ctx.id.name) ?? []
    return [tenantIdSchema.parse(tenantId), String(instanceId)]
  }

  async receive(events: readonly FiledEvent[]): Promise<Receipt | null> {
    await this.#forWriting()
    return this.#inbox.receive(events)
  }

  async say(outgoing: Outgoing): Promise<void> {
    await this.#forWriting()
    await this.#inbox.say(outgoing)
  }

  async sayIn(conversation: string, message: Pick<Outgoing, 'key' | 'content'>): Promise<boolean> {
    return (await this.#isEmpty()) ? false : this.#inbox.sayIn(conversation, message)
  }

  async attach(attachment: Attachment): Promise<Attached> {
    return (await this.#isEmpty()) ? 'unasked' : this.#inbox.attach(attachment)
  }

  async health(): Promise<InboxHealth> {
    return (await this.#isEmpty()) ? NOTHING : this.#inbox.health()
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return (await this.#isEmpty()) ? [] : this.#inbox.deadLetters(limit)
  }

  async replay(ids: readonly number[] | null): Promise<number> {
    return (await this.#isEmpty()) ? 0 : this.#inbox.replay(ids)
  }

  async discard(ids: readonly number[]): Promise<number> {
    return (await this.#isEmpty()) ? 0 : this.#inbox.discard(ids)
  }

  async changed(): Promise<void> {
    if (!(await this.#isEmpty())) await this.#inbox.tick()
  }

  override async alarm(): Promise<void> {
    if (await this.#isEmpty()) return
    const failures = await this.#timers.run(this.#services.now, async (name) => {
      if (name === WORK) await this.#inbox.tick()
      if (name === SWEEP) await this.#inbox.sweep()
      if (name === TELL) await this.#inbox.tell()
    })
    for (const { name, error } of failures) logError('inbox.alarm.failed', error, { timer: name })
  }

  async erase(): Promise<void> {
    this.#entry.close()
    await this.#inbox.close()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#schema.forget()
  }

  async #forWriting(): Promise<void> {
    await this.#entry.enter()
    await this.#schema.forWriting()
  }

  /** What there is, is of the newest form then: whoever looks may have to write as well. */
  async #isEmpty(): Promise<boolean> {
    if ((await this.#schema.forReading()) === 0) return true
    await this.#schema.forWriting()
    return false
  }
}
