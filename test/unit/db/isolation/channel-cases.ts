/** Chat platforms and whoever writes there, as one tenant beside neighbours that hold the same. */
import type { ChannelInstance } from '../../../../src/domain/channel.ts'
import type { AgentId } from '../../../../src/domain/ids.ts'
import type { CasesOf } from './cases.ts'
import { instanceOf, SHARED_INSTANCE } from './channel-rows.ts'
import { NOW, OWNER } from './world.ts'

const FOREIGN = instanceOf('ten_a')

/** As it might have been read next door: the tenant is what the caller says, not what it carries. */
const SMUGGLED_TENANT = { tenantId: 'ten_a' }

const newInstance: ChannelInstance & { readonly tenantId: string } = {
  ...SMUGGLED_TENANT,
  id: 'chn_new',
  name: 'support-9',
  displayName: '',
  channelType: 'webhook',
  agentId: 'agt_1' as AgentId,
  sealedCredentials: 'aes-gcm:new',
  config: {},
  bot: null,
  enabled: true,
  revision: 1,
}

const smuggledPatch: object = { ...SMUGGLED_TENANT, enabled: false }

export const CHANNEL_INSTANCE_CASES: CasesOf<
  typeof import('../../../../src/db/channel-instances.ts')
> = {
  selectChannelInstances: [(m, db, t) => m.selectChannelInstances(db, t)],
  createChannelInstance: [(m, db, t) => m.createChannelInstance(db, t, newInstance, NOW)],
  updateChannelInstance: [
    (m, db, t) =>
      m.updateChannelInstance(db, t, { id: instanceOf(t), revision: 1 }, smuggledPatch, NOW),
    (m, db, t) =>
      m.updateChannelInstance(db, t, { id: FOREIGN, revision: 1 }, { enabled: false }, NOW),
  ],
  deleteChannelInstance: [
    (m, db, t) => m.deleteChannelInstance(db, t, instanceOf(t)),
    (m, db, t) => m.deleteChannelInstance(db, t, FOREIGN),
  ],
}

const place = { channel: 'whatsapp', instanceId: SHARED_INSTANCE }
const senderOf = (id: string) => ({ ...place, senderId: `sender-${id}` })
const asks = (id: string) => ({
  ...SMUGGLED_TENANT,
  ...senderOf('new'),
  id,
  code: `NEW-${id}`,
  displayName: 'new',
  address: '',
  createdAt: NOW,
  expiresAt: NOW + 3_600_000,
})
const decides = (status: 'approved' | 'denied') => ({
  status,
  decidedBy: OWNER,
  decidedByKey: 'key_1',
})

export const CHANNEL_PAIRING_CASES: CasesOf<
  typeof import('../../../../src/db/channel-pairings.ts')
> = {
  isSenderPaired: [
    (m, db, t) => m.isSenderPaired(db, t, senderOf('cpr_2')),
    (m, db, t) => m.isSenderPaired(db, t, senderOf('cpr_8')),
  ],
  createChannelPairing: [
    // One waits here; those of the neighbours would fill the room, and one of them is this sender.
    (m, db, t) => m.createChannelPairing(db, t, asks('cpr_new'), 2),
    // The id of a neighbour's: taken back, it must take none of theirs with it.
    (m, db, t) => m.createChannelPairing(db, t, asks('cpr_9'), 0),
  ],
  listChannelPairings: [(m, db, t) => m.listChannelPairings(db, t, NOW)],
  findPendingChannelPairing: [
    (m, db, t) => m.findPendingChannelPairing(db, t, place, 'ASKS', NOW),
    (m, db, t) => m.findPendingChannelPairing(db, t, place, 'ASKS9', NOW),
  ],
  decideChannelPairing: [
    (m, db, t) => m.decideChannelPairing(db, t, 'cpr_1', decides('approved'), NOW),
    (m, db, t) => m.decideChannelPairing(db, t, 'cpr_9', decides('denied'), NOW),
  ],
  revokeChannelPairing: [
    (m, db, t) => m.revokeChannelPairing(db, t, senderOf('cpr_2')),
    (m, db, t) => m.revokeChannelPairing(db, t, senderOf('cpr_8')),
  ],
  deletePairingsOfInstance: [(m, db, t) => m.deletePairingsOfInstance(db, t, SHARED_INSTANCE)],
}
