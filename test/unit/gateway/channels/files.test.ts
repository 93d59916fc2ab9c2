import { describe, expect, it } from 'vitest'
import type { ChannelClient } from '../../../../src/channels/platform.ts'
import type { InboundFile, InboundMessage } from '../../../../src/domain/channel-event.ts'
import { userIdSchema } from '../../../../src/domain/ids.ts'
import { WORKSPACE_LIMITS, type WorkspacePort } from '../../../../src/domain/ports/workspace.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { keepFiles } from '../../../../src/gateway/channels/files.ts'
import { useQuietLog } from '../world.ts'
import { openChannels, written } from './world.ts'

const lines = useQuietLog()

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])
const PAGE = new TextEncoder().encode('<html><script>alert(1)</script>')

const file = (name: string, fields: Partial<InboundFile> = {}): InboundFile => ({
  reference: name,
  name,
  mimeType: 'image/png',
  bytes: null,
  ...fields,
})

async function open(fetchFile?: ChannelClient['fetchFile']) {
  const { world, snapshot } = await openChannels()
  const kept: { readonly of: string; readonly path: string; readonly isUntrusted: boolean }[] = []
  let isFull = false
  const workspace = (_: unknown, agentId: string, userId: string): WorkspacePort =>
    ({
      stage: async (bytes: Uint8Array) => ok({ sha256: 'h', size: bytes.length }),
      commit: async ({ put }: { put: readonly { path: string; isUntrusted: boolean }[] }) => {
        if (isFull) throw new Error('the object is away')
        for (const { path, isUntrusted } of put)
          kept.push({ of: `${agentId}/${userId}`, path, isUntrusted })
        return ok({})
      },
    }) as unknown as WorkspacePort
  Object.assign(world.services, { workspace })
  const parts = {
    services: world.services,
    snapshot: await snapshot(),
    client: (fetchFile ? { fetchFile } : {}) as ChannelClient,
  }
  const place = {
    sessionKey: 'agent:default:whatsapp:direct:42',
    agentKey: 'default',
    owner: userIdSchema.parse('channel:sender:chn_1:42'),
    person: userIdSchema.parse('channel:sender:chn_1:42'),
  }
  const keepOf = (message: InboundMessage) => keepFiles([message], place, parts)
  const keep = (...files: readonly InboundFile[]) => keepOf(written('42', 'look', { files }))
  return { kept, keep, keepOf, agentId: parts.snapshot.agents[0]?.id, fill: () => (isFull = true) }
}

const answers = (bytes: Uint8Array) => async () => ok(bytes)

describe('a file of a message', () => {
  it('is kept in the workspace of whoever the conversation belongs to, as untrusted', async () => {
    const { keep, kept, agentId } = await open(answers(PNG))
    const [one] = await keep(file('cat.png'))
    expect(one).toEqual({ name: 'cat.png', path: expect.stringMatching(/^media\/\w+-cat\.png$/) })
    expect(kept).toEqual([
      { of: `${agentId}/channel:sender:chn_1:42`, path: one?.path, isUntrusted: true },
    ])
  })

  it('has the same place when it is taken again, and another than its neighbour', async () => {
    const { keep } = await open(answers(PNG))
    const [first, second] = await keep(file('cat.png'), file('cat.png'))
    expect(first?.path).not.toBe(second?.path)
    expect((await keep(file('cat.png')))[0]?.path).toBe(first?.path)
  })

  it('that was passed on has a place without its name', async () => {
    const { keepOf } = await open(answers(PNG))
    const files = [file('obey_me.png')]
    const [one] = await keepOf(written('42', '', { files, isRelayed: true }))
    expect(one).toMatchObject({
      path: expect.stringMatching(/^media\/\w+-file\.png$/),
      isOthers: true,
    })
    expect(JSON.stringify(one)).not.toContain('obey')
  })

  it('never names its own place', async () => {
    const { keep } = await open(answers(PNG))
    for (const name of ['../../SOUL.md', '/etc/passwd', 'a\0b', '..', '', 'media/../x.png']) {
      const [one] = await keep(file(name))
      expect(one?.path).toMatch(/^media\/[a-z0-9]{12}-[A-Za-z0-9_-]+\.png$/)
    }
  })

  it('is not kept where it is none of what is accepted, whatever it calls itself', async () => {
    const { keep, kept } = await open(answers(PAGE))
    expect(await keep(file('cat.png'))).toEqual([{ name: 'cat.png', path: null }])
    expect(kept).toEqual([])
  })

  it('is not fetched where it says that it is too large, nor kept where it only was', async () => {
    let fetched = 0
    const large = new Uint8Array(WORKSPACE_LIMITS.maxFileBytes + 1)
    large.set(PNG)
    const { keep, kept } = await open(async () => {
      fetched += 1
      return ok(large)
    })
    await keep(file('a.png', { bytes: WORKSPACE_LIMITS.maxFileBytes + 1 }))
    expect(fetched).toBe(0)
    await keep(file('a.png', { bytes: 3 }))
    expect([fetched, kept]).toEqual([1, []])
  })

  it('is told of where it cannot be had, and the message goes on', async () => {
    const gone = await open(async () => err({ kind: 'refused', reason: 'gone' }))
    expect(await gone.keep(file('a.png'))).toEqual([{ name: 'a.png', path: null }])
    const none = await open()
    expect(await none.keep(file('a.png'))).toEqual([{ name: 'a.png', path: null }])
    const full = await open(answers(PNG))
    full.fill()
    expect(await full.keep(file('a.png'))).toEqual([{ name: 'a.png', path: null }])
    expect(lines.join()).toContain('channel.file')
  })

  it('is one of ten at the most', async () => {
    const { keep, kept } = await open(answers(PNG))
    await keep(...Array.from({ length: 25 }, (_, i) => file(`${i}.png`)))
    expect(kept).toHaveLength(10)
  })
})
