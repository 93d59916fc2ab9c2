import { describe, expect, it } from 'vitest'
import { whatsapp } from '../../../../src/channels/whatsapp/index.ts'
import { metaError, serveWhatsapp } from '../../../support/channels/whatsapp.ts'

const TOKEN = 'EAAG-a-system-users-token-of-nobody'
const NUMBER = '106540352242922'
const PERSON = '16505551234'
const address = { to: PERSON, message: 'wamid.1' }

async function setUp(token = TOKEN) {
  const world = {
    accessToken: TOKEN,
    phoneNumberId: NUMBER,
    open: new Set([PERSON]),
    media: new Map<string, Uint8Array>(),
  }
  const server = await serveWhatsapp(world)
  const credentials = {
    access_token: token,
    phone_number_id: NUMBER,
    app_secret: 'an-app-secret-of-nobody',
    verify_token: 'a-verify-token-of-ours',
  }
  const client = whatsapp.client(credentials, { fetch, baseUrl: server.url })
  return { world, server, client }
}

describe('an answer on WhatsApp', () => {
  it('is a text without a preview, in its own marks', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const sent = await client.send(address, '**yes**, see https://example.org/')
    expect(sent).toEqual({ ok: true, value: { messageId: 'wamid.sent1' } })
    expect(server.calls[0]).toMatchObject({
      method: 'POST',
      path: `/${NUMBER}/messages`,
      json: {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: PERSON,
        type: 'text',
        text: { preview_url: false, body: '*yes*, see https://example.org/' },
      },
    })
    expect(server.calls[0]?.headers['authorization']).toBe(`Bearer ${TOKEN}`)
  })

  it('is refused in plain words once 24 hours have passed', async () => {
    const { world, server, client } = await setUp()
    await using _ = server
    world.open.clear()
    const refused = await client.send(address, 'x')
    expect(refused).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(JSON.stringify(refused)).toContain('more than 24 hours')
  })

  it('waits where Meta asks for patience, in whatever way it does', async () => {
    const { server, client } = await setUp()
    await using _ = server
    server.answerNext(metaError(131_056, 'Pair rate limit hit'))
    expect(await client.send(address, 'x')).toMatchObject({ error: { kind: 'rate_limited' } })
    server.answerNext({ status: 429, headers: { 'retry-after': '7' } })
    expect(await client.send(address, 'x')).toEqual({
      ok: false,
      error: { kind: 'rate_limited', retryAfterMs: 7_000 },
    })
    server.answerNext(metaError(131_016, 'Service unavailable'))
    expect(await client.send(address, 'x')).toMatchObject({ error: { kind: 'unavailable' } })
  })

  it('is refused with a void token, an unknown error and no number, and no secret is told', async () => {
    const { server, client } = await setUp('EAAG-another-token-of-nobody-here')
    await using _ = server
    const refused = await client.send(address, 'x')
    expect(refused).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'the access token is void or has run out' },
    })
    server.answerNext(metaError(100, `token ${TOKEN} is bad`))
    expect(await client.send(address, 'x')).toEqual({
      ok: false,
      error: { kind: 'refused', reason: 'WhatsApp answered 400, code 100' },
    })
    expect(await client.send({ to: '../1' }, 'x')).toMatchObject({ error: { kind: 'refused' } })
  })
})

describe('a question on WhatsApp', () => {
  it('has at most three reply buttons with titles that fit', async () => {
    const { server, client } = await setUp()
    await using _ = server
    const question = {
      approvalId: 'apr_1',
      tool: 'exec',
      detail: 'x'.repeat(5_000),
      reason: 'not on the list',
      choices: ['allow-once', 'allow-always', 'deny'],
    } as const
    expect(await client.ask?.(address, question)).toMatchObject({ ok: true })
    const interactive = server.calls[0]?.json?.['interactive'] as {
      readonly type: string
      readonly body: { readonly text: string }
      readonly action: { readonly buttons: readonly { reply: { id: string; title: string } }[] }
    }
    expect(interactive.type).toBe('button')
    expect(interactive.body.text.length).toBeLessThanOrEqual(1_024)
    expect(interactive.body.text).toMatch(/more characters are not shown here/)
    expect(interactive.action.buttons.map(({ reply }) => reply)).toEqual([
      { id: 'approval:allow-once:apr_1', title: 'Allow once' },
      { id: 'approval:allow-always:apr_1', title: 'Allow always' },
      { id: 'approval:deny:apr_1', title: 'Deny' },
    ])
  })
})

describe('a number of WhatsApp', () => {
  it('is known by its id, and shows that it writes', async () => {
    const { server, client } = await setUp()
    await using _ = server
    expect(await client.identify()).toEqual({ ok: true, value: { id: NUMBER, username: null } })
    expect(await client.typing?.(address)).toEqual({ ok: true, value: null })
    expect(server.calls.at(-1)?.json).toMatchObject({
      status: 'read',
      message_id: 'wamid.1',
      typing_indicator: { type: 'text' },
    })
  })

  it('is unknown to the holder of another token', async () => {
    const { server, client } = await setUp('EAAG-another-token-of-nobody-here')
    await using _ = server
    expect(await client.identify()).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })
})

const fileOf = (reference: string) => ({ reference, name: 'a', mimeType: null, bytes: null })

describe('a file of WhatsApp', () => {
  const picture = new Uint8Array([137, 80, 78, 71])

  it('is found by its id, and fetched with the token from where Meta says', async () => {
    const { server, client, world } = await setUp()
    await using _ = server
    world.media.set('1003383421387256', picture)
    const got = await client.fetchFile?.(fileOf('1003383421387256'), 99)
    expect(got).toEqual({ ok: true, value: picture })
    expect(server.calls.map(({ path }) => path)).toEqual([
      '/1003383421387256',
      '/attachments/1003383421387256',
    ])
    expect(server.calls[1]?.headers['authorization']).toBe(`Bearer ${TOKEN}`)
    expect(await client.fetchFile?.(fileOf('1003383421387256'), 3)).toMatchObject({
      error: { kind: 'refused' },
    })
    expect(await client.fetchFile?.(fileOf('999'), 99)).toMatchObject({
      error: { kind: 'refused' },
    })
  })

  it.each([
    'https://evil.example/a',
    'http://lookaside.fbsbx.com/a',
    'https://lookaside.fbsbx.com.evil.example/a',
    'https://apps.fbsbx.com/a',
    'https://a@lookaside.fbsbx.com/a',
    'nowhere',
  ])('takes the token to nobody else: %s', async (url) => {
    const { server, client } = await setUp()
    await using _ = server
    server.answerNext({ status: 200, json: { url } })
    expect(await client.fetchFile?.(fileOf('1'), 99)).toMatchObject({
      error: { reason: 'the file does not lie with Meta' },
    })
    expect(server.calls).toHaveLength(1)
  })
})
