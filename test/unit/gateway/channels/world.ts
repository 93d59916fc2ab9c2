/** A tenant with channels, whose inboxes and sessions note what they are told. */
import { sealChannelCredentials } from '../../../../src/crypto/channel-secret.ts'
import { newId } from '../../../../src/crypto/random.ts'
import {
  createChannelInstance,
  updateChannelInstance,
} from '../../../../src/db/channel-instances.ts'
import { createChannelPairing, decideChannelPairing } from '../../../../src/db/channel-pairings.ts'
import { writeConfig } from '../../../../src/db/tenant-config.ts'
import { loadSnapshot } from '../../../../src/db/tenants.ts'
import type { ChannelInstance, ChannelType } from '../../../../src/domain/channel.ts'
import type { InboundEvent, InboundMessage } from '../../../../src/domain/channel-event.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { FiledEvent, InboxPort, Outgoing } from '../../../../src/domain/ports/inbox.ts'
import type { SessionPort } from '../../../../src/domain/ports/session.ts'
import type { Principal, Role } from '../../../../src/domain/principal.ts'
import { notFound } from '../../../../src/domain/refusal.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import type { TenantSnapshot } from '../../../../src/domain/tenant-snapshot.ts'
import { createChannelDoor } from '../../../../src/gateway/channels/door.ts'
import type {
  ChannelRun,
  OpenChannel,
  Overheard,
} from '../../../../src/gateway/channels/open-channel.ts'
import { newTenant, openWorld, settings, user, type World } from '../world.ts'

export const WHATSAPP = {
  access_token: 'canary-access-token-of-whatsapp',
  phone_number_id: '1234567890',
  app_secret: 'canary-app-secret-of-whatsapp',
  verify_token: 'canary-verify-token-of-whatsapp',
}
export const HOOKS = {
  proof: 'secret',
  secret: 'canary-secret-of-the-hooks',
}

export interface ChannelWorld {
  readonly world: World
  readonly tenant: TenantId
  /** By the instance's id. */
  readonly filed: { readonly instance: string; readonly events: readonly FiledEvent[] }[]
  readonly said: { readonly instance: string; readonly to: string; readonly content: string }[]
  readonly told: string[]
  readonly published: string[]
  /** `key: what` of every call of a session. */
  readonly sessions: { readonly key: string; readonly call: string; readonly by: Principal }[]
  /** Conversations that were held with the instances. */
  readonly known: Set<string>
  isCrowded: boolean
  add(type: ChannelType, fields?: Partial<ChannelInstance>): Promise<ChannelInstance>
  change(instance: ChannelInstance, patch: Partial<ChannelInstance>): Promise<ChannelInstance>
  configure(document: Readonly<Record<string, unknown>>): Promise<void>
  pair(instance: ChannelInstance, senderId: string): Promise<void>
  snapshot(): Promise<TenantSnapshot>
  open(instance: ChannelInstance): Promise<OpenChannel>
}

export async function openChannels(
  members: Readonly<Record<string, Role>> = { olga: 'owner', adam: 'admin', bob: 'operator' },
): Promise<ChannelWorld> {
  const world = openWorld()
  const tenant = await newTenant(world, members)
  const { services, db } = world
  const snapshot = async (): Promise<TenantSnapshot> => {
    const found = await loadSnapshot(db, tenant)
    if (found === null) throw new Error('no tenant')
    return found
  }
  const own: ChannelWorld = {
    world,
    tenant,
    filed: [],
    said: [],
    told: [],
    published: [],
    sessions: [],
    known: new Set(),
    isCrowded: false,
    add: async (type, fields = {}) => {
      const id = newId('chn')
      const secret = type === 'webhook' ? HOOKS : WHATSAPP
      const sealed = await sealChannelCredentials(services.keyRing, tenant, id, secret)
      const instance: ChannelInstance = {
        id,
        name: `${type}-${id.slice(4, 10)}`,
        displayName: '',
        channelType: type,
        agentId: (await snapshot()).agents[0]?.id as ChannelInstance['agentId'],
        sealedCredentials: sealed,
        config: {},
        bot: null,
        enabled: true,
        revision: 1,
        ...fields,
      }
      const created = await createChannelInstance(db, tenant, instance, world.clock)
      if (!created.ok) throw new Error(created.error)
      return created.value
    },
    change: async (instance, patch) => {
      const changed = await updateChannelInstance(db, tenant, instance, patch, world.clock)
      if (!changed.ok) throw new Error(changed.error)
      return changed.value
    },
    configure: async (document) => {
      const { configHash } = await snapshot()
      const change = { document, baseHash: configHash, userId: user('olga') }
      const written = await writeConfig(db, tenant, change, world.clock)
      if (!written) throw new Error('the document was not written')
    },
    pair: async ({ id: instanceId, channelType: channel }, senderId) => {
      const id = newId('prg')
      const asked = await createChannelPairing(
        db,
        tenant,
        {
          id,
          channel,
          instanceId,
          senderId,
          code: id.slice(-8),
          displayName: '',
          address: '',
          createdAt: world.clock,
          expiresAt: world.clock + 3_600_000,
        },
        3,
      )
      if (!asked) throw new Error('it was not entered')
      const by = { status: 'approved', decidedBy: user('adam'), decidedByKey: null } as const
      await decideChannelPairing(db, tenant, id, by, world.clock)
    },
    snapshot,
    open: async ({ id }) => {
      const opened = await createChannelDoor(services, settings(), tenant, id).open()
      if (opened.kind !== 'open') throw new Error(opened.kind)
      return opened.channel
    },
  }
  Object.assign(services, {
    inbox: (_: TenantId, instance: string): InboxPort => inboxOf(own, instance),
    inboxEnd: (_: TenantId, instance: string) => ({
      erase: async () => void own.told.push(`${instance} erased`),
    }),
    session: (_: TenantId, key: string): SessionPort => sessionOf(own, key),
  })
  const { tenant: tenantOf } = services
  Object.assign(services, {
    tenant: (id: TenantId) =>
      Object.assign(tenantOf(id), {
        publish: async (...event: readonly unknown[]) =>
          void own.published.push(JSON.stringify(event)),
        beginChange: async (...entry: readonly unknown[]) =>
          void own.published.push(JSON.stringify(entry)),
        endChange: async (...entry: readonly unknown[]) =>
          void own.published.push(JSON.stringify(entry)),
        appendAudit: async (...entry: readonly unknown[]) =>
          void own.published.push(JSON.stringify(entry)),
      }),
  })
  return own
}

/** As a platform tells of it: of a person, directly, with the number as their id. */
export const written = (
  senderId: string,
  text = 'hello',
  fields: Partial<InboundMessage> = {},
): InboundMessage => ({
  kind: 'message',
  deliveryId: `d-${senderId}-${text}`,
  sender: { id: senderId, username: null, displayName: `Person ${senderId}`, kind: 'person' },
  conversation: { kind: 'direct', id: senderId, threadId: null },
  address: { to: senderId },
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

export const inGroup = (id: string, threadId: string | null = null) => ({
  conversation: { kind: 'group', id, threadId } as const,
  isMention: true,
})

export const NOTHING_HEARD: Overheard = { lines: [], album: [] }

/** What it becomes; throws where it begins no run. */
export async function runOf(channel: OpenChannel, event: InboundEvent): Promise<ChannelRun> {
  const judged = await channel.judge(event, NOTHING_HEARD)
  if (judged.kind !== 'run') throw new Error(JSON.stringify(judged))
  return judged.run
}

const letter = {
  id: 7,
  deliveryId: 'd-7',
  lane: 'one',
  senderId: '42',
  text: 'hello',
  error: 'nobody was there',
  receivedAt: 0,
  attempts: 6,
}

function inboxOf(own: ChannelWorld, instance: string): InboxPort {
  const tell = (what: string): void => void own.told.push(`${instance} ${what}`)
  return {
    receive: async (events) => {
      if (own.isCrowded) return null
      own.filed.push({ instance, events })
      return { stored: events.length, repeated: 0 }
    },
    say: async ({ lane, content }: Outgoing) => void own.said.push({ instance, to: lane, content }),
    sayIn: async (to, { content }) => {
      if (!own.known.has(to)) return false
      own.said.push({ instance, to, content })
      return true
    },
    attach: async () => 'unasked',
    health: async () => ({
      waiting: 1,
      dead: 1,
      unknown: 0,
      lastReceivedAt: 0,
      lastSentAt: null,
      lastError: { at: 0, message: 'nobody was there' },
    }),
    deadLetters: async () => [letter],
    replay: async (ids) => {
      tell(`replays ${ids ?? 'all'}`)
      return ids?.length ?? 1
    },
    discard: async (ids) => {
      tell(`discards ${ids}`)
      return ids.length
    },
    changed: async () => tell('changed'),
  }
}

function sessionOf(own: ChannelWorld, key: string): SessionPort {
  const note = (call: string, by: Principal): void => void own.sessions.push({ key, call, by })
  return {
    abort: async (by: Principal) => {
      note('abort', by)
      return ok([])
    },
    reset: async (by: Principal) => {
      note('reset', by)
      return err(notFound('session'))
    },
    status: async (by: Principal) => {
      note('status', by)
      return err(notFound('session'))
    },
  } as unknown as SessionPort
}
