/** What the gateway hands out and takes back: ids of responses, and links to files. */
import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../src/crypto/encoding.ts'
import { type FileGrant, makeFileLink, openFileLink } from '../../../src/crypto/file-link.ts'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import { makeResponseId, openResponseId } from '../../../src/crypto/response-id.ts'
import { agentIdSchema, tenantIdSchema, userIdSchema } from '../../../src/domain/ids.ts'

const ringOf = (current: string, previous?: string): KeyRing => {
  const ring = parseKeyRing({ current: current.repeat(32), previous: previous?.repeat(32) })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}
const ring = ringOf('a1')
const north = tenantIdSchema.parse('ten_north')
const south = tenantIdSchema.parse('ten_south')
const alice = userIdSchema.parse('alice')
const holder = { tenantId: north, userId: alice }
const place = { sessionKey: 'agent:default:ws:direct:cnv_1', runId: 'run_1' }

const NOW = 1_700_000_000_000
const grant: FileGrant = {
  tenantId: north,
  agentId: agentIdSchema.parse('agt_1'),
  userId: alice,
  holder: {
    userId: alice,
    isMasterScope: false,
    credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
    allowedAgents: null,
  },
  expiresAt: NOW + 1,
}
const target = { method: 'GET', path: 'a/b.txt' } as const

/** Every single character of it, changed. */
const altered = (text: string): readonly string[] =>
  [...text].map(
    (char, at) => `${text.slice(0, at)}${char === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`,
  )

describe('the id of a response', () => {
  it('leads back to its conversation, after a restart and a rotation too', async () => {
    const id = await makeResponseId(ring, holder, place)
    expect(id).toMatch(/^resp_[A-Za-z0-9_-]+$/)
    for (const each of [ring, ringOf('a1'), ringOf('b2', 'a1')])
      expect(await openResponseId(each, holder, id)).toEqual(place)
    expect(await openResponseId(ringOf('b2'), holder, id)).toBeNull()
  })

  it('is none to another user or tenant, nor with anything changed', async () => {
    const id = await makeResponseId(ring, holder, place)
    const bob = { tenantId: north, userId: userIdSchema.parse('bob') }
    expect(await openResponseId(ring, bob, id)).toBeNull()
    expect(await openResponseId(ring, { tenantId: south, userId: alice }, id)).toBeNull()
    for (const wrong of [...altered(id), '', 'resp_', id.slice(5), `${id}A`, `${id}=`])
      expect(await openResponseId(ring, holder, wrong), wrong).toBeNull()
    const bare = `resp_${toBase64Url(utf8(JSON.stringify([place.sessionKey, place.runId])))}`
    expect(await openResponseId(ring, holder, bare)).toBeNull()
  })
})

describe('a link to a file', () => {
  it('opens for its path until it is over, after a restart and a rotation too', async () => {
    const link = await makeFileLink(ring, grant, target)
    for (const each of [ring, ringOf('a1'), ringOf('b2', 'a1')])
      expect(await openFileLink(each, link, target, NOW)).toEqual(grant)
    expect(await openFileLink(ringOf('b2'), link, target, NOW)).toBeNull()
    expect(await openFileLink(ring, link, target, NOW + 1)).toBeNull()
  })

  it('opens for nothing else', async () => {
    const link = await makeFileLink(ring, grant, target)
    for (const path of ['a/b.txt/', 'a/B.txt', 'a', '', 'a/b.txt\u0000'])
      expect(await openFileLink(ring, link, { ...target, path }, NOW)).toBeNull()
    for (const wrong of [...altered(link), '', '.', `${link}.`, `${link}A`])
      expect(await openFileLink(ring, wrong, target, NOW), wrong).toBeNull()
    // Signed by the same gateway for another tenant: its own key, and another tag.
    const foreign = await makeFileLink(ring, { ...grant, tenantId: south }, target)
    const [payload] = link.split('.')
    const [, tag] = foreign.split('.')
    expect(await openFileLink(ring, `${payload}.${tag}`, target, NOW)).toBeNull()
  })
})
