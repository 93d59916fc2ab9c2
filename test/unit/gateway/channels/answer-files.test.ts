/** Which files leave with an answer in a channel, and what of them. */
import { describe, expect, it } from 'vitest'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'
import type { Attached, Attachment } from '../../../../src/domain/ports/inbox.ts'
import type { Principal } from '../../../../src/domain/principal.ts'
import { parseSessionKey } from '../../../../src/domain/session-key.ts'
import { openChannelFiles } from '../../../../src/gateway/channels/answer-files.ts'
import { createRunRelease } from '../../../../src/gateway/release.ts'
import { createSecretDictionary } from '../../../../src/output/secret-dictionary.ts'

const OPENED = 'opened-for-this-run-alone'
const KEY = 'agent:main:telegram:direct:1'

interface Scene {
  readonly channel?: Partial<NonNullable<Principal['channel']>> | null
  readonly key?: string
  readonly origin?: object | null
  readonly answer?: Attached
}

function open({ channel = {}, key = KEY, origin = null, answer = 'attached' }: Scene = {}) {
  const attached: (Attachment & { readonly instance: string })[] = []
  const events: string[] = []
  const dictionary = createSecretDictionary()
  dictionary.register(OPENED)
  const report = ({ name }: { readonly name: string }) => void events.push(name)
  const parsed = parseSessionKey(key)
  const facts = { name: 'telegram', instanceId: 'chn_1', senderId: '1', ...channel }
  const port = openChannelFiles({
    request: {
      principal: { tenantId: 'ten_a', channel: channel === null ? null : facts },
      sessionKey: parsed.ok ? parsed.value : null,
      origin,
    },
    services: {
      inbox: (_: string, instance: string) => ({
        attach: async (attachment: Attachment) => {
          attached.push({ ...attachment, instance })
          return answer
        },
      }),
    },
    dictionary,
    release: createRunRelease(tenantConfigSchema.parse({}), dictionary, report as never),
    report,
  } as never)
  const send = (content: string | Uint8Array, name = 'a.txt', caption: string | null = null) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    if (port === null) throw new Error('there is no way')
    return port.attach('call-1', { name, bytes }, caption)
  }
  return { port, send, attached, events }
}
const textOf = ({ file }: Attachment): string => new TextDecoder().decode(file?.bytes)

describe('a file of an answer', () => {
  it('goes to the inbox of its channel, for whom the run answers', async () => {
    const { send, attached } = open()
    expect(await send('figures', 'a.txt', 'As asked')).toEqual({
      ok: true,
      value: { isRedacted: false },
    })
    expect(attached).toMatchObject([
      {
        instance: 'chn_1',
        key: 'call-1',
        sessionKey: KEY,
        senderId: '1',
        content: 'As asked',
        file: { name: 'a.txt', mimeType: 'text/plain' },
      },
    ])
  })

  it('has no way outside of a message of a channel', () => {
    expect(open().port).not.toBeNull()
    expect(open({ channel: null }).port).toBeNull()
    expect(open({ origin: { kind: 'subagent' } }).port).toBeNull()
    expect(open({ key: 'agent:main:ws:direct:1' }).port).toBeNull()
  })

  it('leaves without secrets: in a text, its caption and its name', async () => {
    const { send, attached, events } = open()
    const sent = await send(`a ${OPENED} b`, `${OPENED}.txt`, `see ${OPENED}`)
    expect(sent).toEqual({ ok: true, value: { isRedacted: true } })
    expect(JSON.stringify([attached[0]?.content, attached[0]?.file?.name])).not.toContain(OPENED)
    expect(attached.map(textOf).join()).not.toContain(OPENED)
    expect(events).toContain('secret_redacted')
  })

  it('does not leave where what was opened stands in bytes that are no text', async () => {
    const { send, attached } = open()
    const head = new Uint8Array([0xff, 0xfe])
    const inBytes = new Uint8Array([...head, ...new TextEncoder().encode(OPENED)])
    const wide = new Uint8Array([...head, ...[...OPENED].flatMap((c) => [c.charCodeAt(0), 0])])
    for (const bytes of [inBytes, wide]) expect((await send(bytes)).ok).toBe(false)
    expect(attached).toEqual([])
    expect((await send(new Uint8Array([...head, 1, 2]))).ok).toBe(true)
    expect(attached[0]?.file?.mimeType).toBe('application/octet-stream')
  })

  it('is called what it reads like', async () => {
    const { send, attached } = open()
    await send('x', 'invoice\u202efdp.exe')
    await send('x', 'a"b\u200b<c>|d')
    await send('x', `${'é'.repeat(300)}.txt`)
    const names = attached.map(({ file }) => file?.name)
    expect(names.slice(0, 2)).toEqual(['invoice_fdp.exe', 'a_b__c__d'])
    expect(names[2]).toHaveLength(120)
    expect(names[2]?.endsWith('.txt')).toBe(true)
  })

  it('that is empty or larger than the platform takes is not taken', async () => {
    const { send, attached } = open()
    expect((await send('')).ok).toBe(false)
    expect((await send(new Uint8Array(50_000_001).fill(0xff))).ok).toBe(false)
    expect(attached).toEqual([])
  })

  it.each(['discord', 'whatsapp', 'feishu', 'zalo', 'webhook', 'nowhere'])(
    'is told of in a line where %s takes none',
    async (name) => {
      const { send, attached } = open({ channel: { name } })
      expect(await send('figures')).toMatchObject({
        ok: false,
        error: expect.stringContaining('takes no files'),
      })
      expect(attached).toMatchObject([
        { key: 'no-files', file: null, content: expect.stringContaining('cannot be sent here') },
      ])
    },
  )

  it.each(['unasked', 'too_many', 'full'] as const)(
    'says why it is not taken: %s',
    async (answer) => {
      expect(await open({ answer }).send('figures')).toMatchObject({
        ok: false,
        error: expect.stringContaining('was not sent'),
      })
    },
  )
})
