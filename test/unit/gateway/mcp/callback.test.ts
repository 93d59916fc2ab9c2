import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { installStateToken, mcpStateToken } from '../../../../src/crypto/located-token.ts'
import { newTenantId } from '../../../../src/crypto/random.ts'
import type { App } from '../../../../src/gateway/door.ts'
import {
  CALLBACK_ROUTE,
  CLIENT_ROUTE,
  identityFor,
  installCallback,
  mcpCallback,
  mcpClientDocument,
  parseHandover,
  SHARED_CALLBACK_PATH,
  SHARED_CLIENT_PATH,
  sharedClientDocument,
  stateFor,
} from '../../../../src/gateway/mcp/callback.ts'

const SERVER = `mcp_${'a'.repeat(20)}`
const OTHER = `mcp_${'b'.repeat(20)}`
const INSTALL_PATH = '/installed'

const app = new Hono<App>()
app.use(async (c, next) => {
  c.set('door', { runtime: { settings: { publicOrigin: 'https://gateway.example' } } } as never)
  await next()
})
app.get(CALLBACK_ROUTE, mcpCallback)
app.get(SHARED_CALLBACK_PATH, mcpCallback)
app.get(INSTALL_PATH, installCallback)
app.get(CLIENT_ROUTE, mcpClientDocument)
app.get(SHARED_CLIENT_PATH, sharedClientDocument)

const state = stateFor(mcpStateToken.create(newTenantId()), SERVER)
const callbackOf = (server: string) =>
  new URL(identityFor('https://x', server).redirectUrl).pathname

async function arrive(path: string, query: Readonly<Record<string, string>>) {
  const response = await app.request(`${path}?${new URLSearchParams(query)}`)
  const text = await response.text()
  return { response, text, shown: /<code>([\w-]+)<\/code>/.exec(text)?.[1] ?? null }
}

describe("the callback's page", () => {
  it('hands the code to the person and to nothing else', async () => {
    const answer = { state, code: 'c1', iss: 'https://as.example' }
    const { response, shown } = await arrive(callbackOf(SERVER), answer)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(parseHandover(shown ?? '')).toEqual({ ...answer, server: SERVER })
  })

  it('shows no code that came to the address of another server, or to none', async () => {
    for (const path of [callbackOf(OTHER), SHARED_CALLBACK_PATH, INSTALL_PATH]) {
      const { response, shown, text } = await arrive(path, { state, code: 'canary-code' })
      expect(response.status).toBe(400)
      expect(shown).toBeNull()
      expect(text).not.toContain('canary')
      expect(text).toContain('led you on to somebody else')
    }
  })

  it('tells an installation from an authorisation', async () => {
    const install = { state: installStateToken.create(newTenantId()), code: 'c1' }
    const { shown } = await arrive(INSTALL_PATH, install)
    expect(parseHandover(shown ?? '')).toEqual({ ...install, iss: null, server: null })
    expect((await arrive(callbackOf(SERVER), install)).response.status).toBe(400)
  })

  it('shows nothing of what it was sent', async () => {
    const evil = '<script>alert(1)</script>'
    const queries: readonly Readonly<Record<string, string>>[] = [
      { error: evil, error_description: 'Call 0900' },
      { state: evil, code: evil },
      { state: `${evil}.${SERVER}`, code: evil },
    ]
    for (const query of queries) {
      const { text } = await arrive(callbackOf(SERVER), query)
      expect(text).not.toContain('script>')
      expect(text).not.toContain('0900')
    }
  })
})

describe('the document that says who we are', () => {
  const ask = async (url: string) => {
    const response = await app.request(new URL(url).pathname)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  it('is one for each server, and names that server’s address alone', async () => {
    const { redirectUrl, metadataUrl } = identityFor('https://gateway.example', SERVER)
    const { body } = await ask(metadataUrl)
    expect(body).toMatchObject({ client_id: metadataUrl, redirect_uris: [redirectUrl] })
    expect((await ask(identityFor('https://gateway.example', 'x"y').metadataUrl)).status).toBe(404)
  })

  it('stays for clients of before, with an address where no code is taken', async () => {
    const { body } = await ask(`https://gateway.example${SHARED_CLIENT_PATH}`)
    expect(body['redirect_uris']).toEqual([`https://gateway.example${SHARED_CALLBACK_PATH}`])
  })
})
