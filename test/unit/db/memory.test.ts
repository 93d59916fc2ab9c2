import { beforeEach, describe, expect, it } from 'vitest'
import { createAgent, deleteAgent } from '../../../src/db/agents.ts'
import {
  deleteNote,
  eraseMemory,
  listNotes,
  type MemoryOf,
  readNote,
  saveNote,
  searchMemory,
} from '../../../src/db/memory.ts'
import { eraseTenantRows, listTenantRows } from '../../../src/db/tenant-rows.ts'
import { createTenant } from '../../../src/db/tenants.ts'
import type { AgentId, TenantId, UserId } from '../../../src/domain/ids.ts'
import { NOW, newTenant, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ADA: MemoryOf = { agentId: 'agt_1' as AgentId, userId: 'ada' as UserId }
const BOB: MemoryOf = { ...ADA, userId: 'bob' as UserId }
const OTHER_AGENT: MemoryOf = { ...ADA, agentId: 'agt_2' as AgentId }
const OTHER_TENANT = 'ten_other' as TenantId
/** No word of a language. */
const CANARY = 'zyxwcanary'

const addAgent = (id: AgentId) =>
  createAgent(
    fixture.db,
    TENANT,
    {
      id,
      key: id,
      displayName: '',
      provider: 'demo',
      model: 'demo',
      agentType: 'open',
      status: 'active',
      systemPrompt: '',
      settings: {},
    },
    NOW,
  )

let made = 0
interface Said {
  readonly of?: MemoryOf
  readonly tenantId?: TenantId
  readonly title?: string
  readonly isUntrusted?: boolean
  readonly maxChunks?: number
}
const save = (text: string, said: Said = {}) =>
  saveNote(
    fixture.db,
    said.tenantId ?? TENANT,
    said.of ?? ADA,
    {
      noteId: `mem_${++made}`,
      title: said.title ?? '',
      text,
      isUntrusted: said.isUntrusted ?? false,
    },
    NOW + made,
    said.maxChunks,
  )
const search = (query: string, of: MemoryOf = ADA, tenantId: TenantId = TENANT) =>
  searchMemory(fixture.db, tenantId, of, query, 10)
const found = async (query: string, of?: MemoryOf, tenantId?: TenantId) =>
  (await search(query, of, tenantId)).map(({ snippet }) => snippet)

/** Whether the pages of the index, or any row, hold these letters. */
async function isAnywhere(letters: string): Promise<boolean> {
  const { results: pages } = await fixture.d1
    .prepare('select hex(block) as page from memory_index_data')
    .all<{ page: string }>()
  const hex = Buffer.from(letters).toString('hex').toUpperCase()
  const { results: rows } = await fixture.d1.prepare('select * from memory_chunks').all()
  return pages.some(({ page }) => page.includes(hex)) || JSON.stringify(rows).includes(letters)
}

beforeEach(async () => {
  made = 0
  const other = { ...newTenant, name: 'Other', slug: 'other', agentId: ADA.agentId }
  await createTenant(fixture.db, OTHER_TENANT, other, NOW)
  for (const id of [ADA.agentId, OTHER_AGENT.agentId]) await addAgent(id)
})

describe('a search', () => {
  it('finds words by their beginning, in any case and without accents, the better match first', async () => {
    await save('The Café by the harbour sells boats and rope.')
    await save('Boats, boats and nothing but boats.')
    await save('A recipe for bread.')
    expect(await found('cafe')).toEqual(['The Café by the harbour sells boats and rope.'])
    expect(await found('BOAT')).toEqual([
      'Boats, boats and nothing but boats.',
      'The Café by the harbour sells boats and rope.',
    ])
    expect(await found('harb boats')).toHaveLength(2)
    expect(await found('submarine')).toEqual([])
  })

  it('finds the title, and words of scripts without spaces', async () => {
    await save('Blue.', { title: 'Favourite colour' })
    await save('彼女は東京に住んでいます。')
    expect(await found('colour')).toEqual(['Blue.'])
    expect(await found('東京')).toHaveLength(1)
    expect(await found('大阪')).toEqual([])
  })

  it('answers each note once, with the part in which the words stand', async () => {
    const filler = 'Nothing of note happened on that day. '.repeat(120)
    await save(`${filler}The anchor weighs forty pounds. ${filler}`)
    const hits = await search('anchor pounds')
    expect(hits).toHaveLength(1)
    expect(hits[0]?.snippet).toContain('anchor weighs forty pounds')
    expect(hits[0]?.snippet.length).toBeLessThan(400)
  })

  it.each([
    '"',
    '" OR "',
    'terms:boats',
    'boats*',
    '-boats',
    'NEAR(boats rope, 2)',
    'AND OR NOT',
    "'; drop table memory_chunks; --",
    '^boats + rope',
    '{terms}:(boats)',
    '\0boats\0',
    '\ud800',
    'rank match ? limit 0',
  ])('takes %j for words and for nothing else', async (query) => {
    await save('boats and rope')
    await save(`${CANARY} of bob`, { of: BOB })
    const hits = JSON.stringify(await search(query))
    expect(hits).not.toContain(CANARY)
    expect(hits.includes('rope')).toBe(/boats|and/i.test(query))
  })
})

describe('whose notes are found', () => {
  const scopes: readonly (readonly [string, MemoryOf, TenantId])[] = [
    ['another user', BOB, TENANT],
    ['another agent', OTHER_AGENT, TENANT],
    ['another tenant', ADA, OTHER_TENANT],
  ]

  it.each(scopes)('those of %s never', async (_, of, tenantId) => {
    await save(`${CANARY} boats`, { of, tenantId })
    const { noteId } = (await search('boats', of, tenantId))[0] ?? { noteId: '' }
    expect(noteId).not.toBe('')
    expect(await found(`${CANARY} boats`)).toEqual([])
    expect(await readNote(fixture.db, TENANT, ADA, noteId)).toEqual({
      ok: false,
      error: 'not_found',
    })
    expect(await listNotes(fixture.db, TENANT, ADA, { limit: 10, offset: 0 })).toEqual([])
    expect((await deleteNote(fixture.db, TENANT, ADA, noteId)).ok).toBe(false)
    expect(await eraseMemory(fixture.db, TENANT, ADA, 100)).toBe(0)
    expect(await found('boats', of, tenantId)).toHaveLength(1)
  })

  it('does not show by its order which words others have noted', async () => {
    const order = async () => found('harbour lantern')
    await save('one about the harbour')
    await save('one about the lantern')
    const before = await order()
    // Were a word's weight counted over everybody, the one that others use would weigh less.
    for (let i = 0; i < 30; i++) await save(`harbour ${i}`, { of: BOB, tenantId: OTHER_TENANT })
    const harbour = await order()
    for (let i = 0; i < 60; i++) await save(`lantern ${i}`, { of: BOB, tenantId: OTHER_TENANT })
    expect(await order()).toEqual(before)
    expect(harbour).toEqual(before)
  })
})

describe('a note', () => {
  it('is stored in pieces and read as it was, to the character', async () => {
    const text = `${'A sentence about boats. '.repeat(100)}\n\n${'👩‍🚀'.repeat(1_200)}\n${'x'.repeat(4_000)}`
    const saved = await save(text, { title: 'Long' })
    const noteId = saved.ok ? saved.value.noteId : ''
    const read = await readNote(fixture.db, TENANT, ADA, noteId)
    expect(read).toMatchObject({ ok: true, value: { title: 'Long', text } })
    const { results } = await fixture.d1
      .prepare('select max(length(text)) as longest, count(*) as pieces from memory_chunks')
      .all<{ longest: number; pieces: number }>()
    expect(results[0]?.longest).toBeLessThanOrEqual(1_500)
    expect(results[0]?.pieces).toBeGreaterThan(5)
  })

  it('is kept once, however often it is saved, under the label that it had first', async () => {
    const first = await save('The door code is a secret.', { isUntrusted: true })
    const again = await save('The door code is a secret.')
    expect(first).toMatchObject({ ok: true, value: { isKnown: false } })
    expect(again).toEqual({
      ok: true,
      value: { noteId: first.ok ? first.value.noteId : '', isKnown: true },
    })
    expect(await search('door')).toMatchObject([{ isUntrusted: true }])
    expect(await save('The door code is a secret.', { of: BOB })).toMatchObject({
      value: { isKnown: false },
    })
  })

  it('is refused as a whole when the memory is full, and fits once something went', async () => {
    await save('one', { maxChunks: 2 })
    const second = await save('two', { maxChunks: 2 })
    expect(await save('three', { maxChunks: 2 })).toEqual({ ok: false, error: 'full' })
    // What is there already takes no room.
    expect(await save('one', { maxChunks: 2 })).toMatchObject({ value: { isKnown: true } })
    expect(await save('of somebody else', { of: BOB, maxChunks: 2 })).toMatchObject({ ok: true })
    await deleteNote(fixture.db, TENANT, ADA, second.ok ? second.value.noteId : '')
    expect(await save('three', { maxChunks: 2 })).toMatchObject({ ok: true })
    expect(await save('a'.repeat(3_100), { maxChunks: 4 })).toEqual({ ok: false, error: 'full' })
    expect(await found('three')).toHaveLength(1)
  })

  it('without a word is refused', async () => {
    expect(await save('— … !')).toEqual({ ok: false, error: 'empty' })
  })

  it('is never changed in place', async () => {
    await save('boats')
    const changed = fixture.d1.prepare("update memory_chunks set text = 'x'").run()
    await expect(changed).rejects.toThrow('never changed')
  })

  it('is listed newest first, by how it begins', async () => {
    await save('first '.repeat(100))
    await save('second', { title: 'Two', isUntrusted: true })
    const notes = await listNotes(fixture.db, TENANT, ADA, { limit: 10, offset: 0 })
    expect(notes).toMatchObject([
      { title: 'Two', preview: 'second', isUntrusted: true },
      { title: '', isUntrusted: false },
    ])
    expect(notes[1]?.preview).toHaveLength(200)
    expect(await listNotes(fixture.db, TENANT, ADA, { limit: 1, offset: 1 })).toHaveLength(1)
  })
})

describe('what is erased', () => {
  const erasures: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['by one note', () => deleteNote(fixture.db, TENANT, ADA, 'mem_1')],
    ['by everything of a user', () => eraseMemory(fixture.db, TENANT, ADA, 100)],
    ['with its tenant', () => eraseTenantRows(fixture.db, TENANT, 100)],
  ]

  it.each(erasures)('%s is in no row and on no page of the index any more', async (_, erase) => {
    await save(`The word is ${CANARY}, and there were boats.`)
    await save('Other boats are there still.', { of: BOB, tenantId: OTHER_TENANT })
    expect(await isAnywhere(CANARY)).toBe(true)
    await erase()
    expect(await isAnywhere(CANARY)).toBe(false)
    expect(await found('boats', BOB, OTHER_TENANT)).toHaveLength(1)
  })

  it('goes wholly, however few pieces go at once', async () => {
    for (let i = 0; i < 5; i++) await save(`note ${i}`)
    expect(await eraseMemory(fixture.db, TENANT, ADA, 2)).toBe(5)
    expect(await found('note')).toEqual([])
  })

  it('is of one user with an agent, or of the agent whoever its users are', async () => {
    for (const of of [ADA, BOB, OTHER_AGENT]) await save('boats', { of })
    await eraseMemory(fixture.db, TENANT, ADA)
    expect(await found('boats')).toEqual([])
    expect(await found('boats', BOB)).toHaveLength(1)
    await eraseMemory(fixture.db, TENANT, { agentId: ADA.agentId })
    expect(await found('boats', BOB)).toEqual([])
    expect(await found('boats', OTHER_AGENT)).toHaveLength(1)
  })
})

it('keeps nothing of an agent that is gone', async () => {
  expect(await save('boats')).toMatchObject({ ok: true })
  await eraseMemory(fixture.db, TENANT, { agentId: ADA.agentId })
  await deleteAgent(fixture.db, TENANT, ADA.agentId)
  expect(await save(`${CANARY} boats`)).toEqual({ ok: false, error: 'no_agent' })
  expect(await isAnywhere(CANARY)).toBe(false)
})

it('tells a tenant’s export every note of it, and none of a neighbour’s', async () => {
  await save(`${CANARY} mine`)
  await save('of somebody else', { tenantId: OTHER_TENANT })
  const { rows } = await listTenantRows(fixture.db, TENANT, 'memory_chunks', null, 100)
  expect(rows).toMatchObject([{ text: `${CANARY} mine`, agent_id: 'agt_1', user_id: 'ada' }])
})
