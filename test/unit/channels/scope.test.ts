import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyPart, MAX_PART_CHARS } from '../../../src/channels/key-part.ts'
import {
  channelSessionKey,
  linkedIdentity,
  type ScopeFacts,
  userOfChannelSender,
} from '../../../src/channels/scope.ts'
import { isChannelUser } from '../../../src/domain/channel-user.ts'
import type { DmScope } from '../../../src/domain/config/channels.ts'
import { userIdSchema } from '../../../src/domain/ids.ts'
import { parseSessionKey } from '../../../src/domain/session-key.ts'
import { DIRECT, GROUP, PERSON, TELEGRAM } from './events.ts'

const FACTS: ScopeFacts = {
  agentKey: 'Main',
  channel: 'telegram',
  instanceId: 'chi_abc123',
  dmScope: 'per-account-channel-peer',
  identity: null,
}
const keyOf = (changes: Partial<ScopeFacts>, conversation = DIRECT, id = '42') =>
  channelSessionKey({ ...FACTS, ...changes }, { ...conversation }, { id })

/** Ids that try to look like other parts of a key. */
const hostileId = fc.oneof(
  fc.constantFrom(
    '',
    '42',
    'U12AB',
    'u12ab',
    'u12ab=u',
    'a',
    'A',
    'a:thread:b',
    'a:topic:b',
    'b',
    'main',
    'person',
    'peer',
    'peer:42',
    'direct',
    'group',
    '=3a',
    ':',
    '\ud800',
    '\ud801',
    '\ufffd',
    'ou_x',
    'ou-x',
    'a@b.example',
    '+4912345',
    'x'.repeat(300),
    `${'x'.repeat(300)}y`,
  ),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

describe('a part of a key', () => {
  it('is another one for every other id, legible, bounded and in lower case', async () => {
    await fc.assert(
      fc.asyncProperty(hostileId, hostileId, async (a, b) => {
        const [first, second] = [await keyPart(a), await keyPart(b)]
        expect(first === second).toBe(a === b)
        expect(first).toMatch(/^[a-z0-9.@+=-]+$/)
        expect(first.length).toBeLessThanOrEqual(MAX_PART_CHARS)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['42', '42'],
    ['-1001234567890', '-1001234567890'],
    ['a@b.example', 'a@b.example'],
    ['U12AB', 'u12ab=u'],
    ['ou_1', 'ou=5f1'],
    ['a:b', 'a=3ab'],
    ['€', '=x20ac'],
  ])('of %s is %s', async (id, part) => expect(await keyPart(id)).toBe(part))
})

describe('the session key of a message', () => {
  const SCOPES: readonly DmScope[] = [
    'main',
    'per-peer',
    'per-channel-peer',
    'per-account-channel-peer',
  ]

  it.each([
    [{}, DIRECT, 'agent:main:telegram:direct:chi=5fabc123:42'],
    [{ dmScope: 'per-channel-peer' }, DIRECT, 'agent:main:telegram:direct:42'],
    [{ dmScope: 'per-peer' }, DIRECT, 'agent:main:any:direct:peer:42'],
    [{ dmScope: 'main' }, DIRECT, 'agent:main:any:direct:main'],
    [{ identity: 'Anna' }, DIRECT, 'agent:main:any:direct:person:=41nna'],
    [{}, GROUP, 'agent:main:telegram:group:chi=5fabc123:-100'],
    [{ dmScope: 'main', identity: 'anna' }, GROUP, 'agent:main:telegram:group:chi=5fabc123:-100'],
    [{}, { ...GROUP, threadId: '7' }, 'agent:main:telegram:group:chi=5fabc123:-100:topic:7'],
    [
      { channel: 'slack' },
      { ...DIRECT, threadId: '1700.5' },
      'agent:main:slack:direct:chi=5fabc123:42:thread:1700.5',
    ],
  ] as const)('%j in %j is %s', async (facts, conversation, key) => {
    expect(await channelSessionKey({ ...FACTS, ...facts }, conversation, PERSON)).toBe(key)
  })

  it('is a key of a channel, whatever the ids', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SCOPES),
        hostileId,
        hostileId,
        fc.option(hostileId),
        fc.boolean(),
        async (dmScope, peer, chat, threadId, isGroup) => {
          const conversation = { kind: isGroup ? 'group' : 'direct', id: chat, threadId } as const
          const text = await keyOf({ dmScope, instanceId: chat }, conversation as never, peer)
          const key = parseSessionKey(text)
          expect(key).toMatchObject({ ok: true, value: { kind: 'channel', text } })
          expect(text).toBe(text.toLowerCase())
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is shared by no two people under the default scope, nor by two places of one', async () => {
    const place = fc.record({
      instanceId: hostileId,
      peer: hostileId,
      threadId: fc.option(hostileId),
      isGroup: fc.boolean(),
      channel: fc.constantFrom('slack', 'telegram'),
    })
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        const [first, second] = await Promise.all(
          [a, b].map(({ instanceId, channel, peer, threadId, isGroup }) =>
            channelSessionKey(
              { ...FACTS, instanceId, channel: channel as 'slack' },
              { kind: isGroup ? 'group' : 'direct', id: peer, threadId },
              { id: peer },
            ),
          ),
        )
        expect(first === second).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 500 },
    )
  })

  it('is no other one by a crafted id', async () => {
    const inThread = await keyOf({}, { ...DIRECT, threadId: 'b' } as never, 'a')
    expect(await keyOf({}, DIRECT, 'a:topic:b')).not.toBe(inThread)
    const scopes: readonly Partial<ScopeFacts>[] = [
      { dmScope: 'main' },
      { identity: 'x' },
      { dmScope: 'per-peer' },
    ]
    for (const facts of scopes) {
      const taken = await keyOf(facts, DIRECT, '7')
      for (const id of ['main', 'person', 'person:x', 'peer:7', 'peer', 'x']) {
        expect(await keyOf({ dmScope: 'per-peer' }, DIRECT, id)).not.toBe(taken)
      }
    }
  })
})

describe('the identity that links name', () => {
  const links = {
    identityLinks: { anna: ['telegram:42', 'slack:U1'], ben: ['telegram:7', 'telegram:@benny'] },
  }

  it('is that of the sender’s id on their own platform', () => {
    expect(linkedIdentity(links, PERSON, TELEGRAM)).toBe('anna')
    expect(linkedIdentity(links, { ...PERSON, id: '7' }, TELEGRAM)).toBe('ben')
    expect(linkedIdentity(links, { ...PERSON, id: 'u1' }, TELEGRAM)).toBeNull()
    expect(linkedIdentity(links, PERSON, { ...TELEGRAM, type: 'slack' })).toBeNull()
  })

  it('is nobody’s by a name, without a platform, by `*`, or for a bot', () => {
    const benny = { ...PERSON, id: '9', username: 'benny' }
    expect(linkedIdentity(links, benny, TELEGRAM)).toBeNull()
    expect(linkedIdentity({ identityLinks: { anna: ['42'] } }, PERSON, TELEGRAM)).toBeNull()
    expect(linkedIdentity({ identityLinks: { anna: ['telegram:*'] } }, PERSON, TELEGRAM)).toBeNull()
    expect(linkedIdentity(links, { ...PERSON, kind: 'bot' }, TELEGRAM)).toBeNull()
  })

  it('is none where two claim the same id', () => {
    const identityLinks = { anna: ['telegram:42'], eve: ['telegram:42'] }
    expect(linkedIdentity({ identityLinks }, PERSON, TELEGRAM)).toBeNull()
  })
})

describe('the user that a sender acts as', () => {
  const userOf = (changes: Partial<ScopeFacts>, id = '42') =>
    userOfChannelSender({ ...FACTS, ...changes }, { id })

  it('is one of the channels’, and another one for every instance and peer', async () => {
    await fc.assert(
      fc.asyncProperty(hostileId, hostileId, hostileId, hostileId, async (i, p, j, q) => {
        const first = await userOf({ instanceId: i }, p)
        const second = await userOf({ instanceId: j }, q)
        expect(first === second).toBe(i === j && p === q)
        expect(isChannelUser(first)).toBe(true)
        expect(userIdSchema.safeParse(first).success).toBe(true)
        expect(await userOf({ identity: i })).not.toBe(second)
      }),
      { numRuns: 300 },
    )
  })

  it('is one for all identities of a linked person', async () => {
    const here = await userOf({ identity: 'anna' }, '42')
    expect(await userOf({ identity: 'anna', instanceId: 'chi_other' }, 'U1')).toBe(here)
    expect(await userOf({ identity: 'ben' }, '42')).not.toBe(here)
  })
})
