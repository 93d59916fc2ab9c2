import { describe, expect, it } from 'vitest'
import {
  createParams,
  fieldsOf,
  type Server,
  updateParams,
} from '../../../../src/dashboard/pages/mcp-servers/server.ts'
import { webAddress } from '../../../../src/dashboard/pages/mcp-servers/web-address.ts'

const SERVER: Server = {
  id: 'mcp_1',
  name: 'desk',
  display_name: 'Desk',
  transport: 'streamable-http',
  enabled: true,
  tools: 0,
  waiting: 0,
  url: 'https://mcp.example/mcp',
  agents: ['default'],
  timeout_seconds: 60,
  allow_private_network: false,
  headers: '***',
  authorization: '***',
  protocol_version: null,
  checked_at: null,
}
const before = fieldsOf(SERVER)
const changed = (said: Partial<typeof before>) => updateParams(SERVER, { ...before, ...said })

describe('what is sent of a server’s form', () => {
  it('is nothing when nothing was changed: above all no mask in place of a key', () => {
    expect(changed({})).toBeNull()
  })

  it('is what was changed, with the keys that were typed', () => {
    expect(changed({ agents: ['*'], key: 'k', headers: 'X-Key: v' })).toEqual({
      id: 'mcp_1',
      agents: ['*'],
      api_key: 'k',
      headers: { 'X-Key': 'v' },
    })
    expect(createParams('desk', { ...before, key: 'k' })).toMatchObject({
      name: 'desk',
      api_key: 'k',
    })
    expect(createParams('desk', before)).not.toHaveProperty('headers')
  })

  it('leaves agents alone that stand in another order: one of them may be gone', () => {
    const server = { ...SERVER, agents: ['gone', 'default'] }
    const sent = (agents: readonly string[]) =>
      updateParams(server, { ...fieldsOf(server), displayName: 'Bureau', agents })
    expect(sent(['default', 'gone'])).toEqual({ id: 'mcp_1', display_name: 'Bureau' })
    expect(sent(['default'])).toMatchObject({ agents: ['default'] })
  })

  it('takes keys and sign-in away when that is asked for, and not otherwise', () => {
    expect(changed({ forgetsKeys: true })).toEqual({
      id: 'mcp_1',
      headers: null,
      oauth_client_id: null,
    })
  })

  it('says which line is no header, and not what stands in it', () => {
    expect(() => changed({ headers: 'a-key-by-itself' })).toThrow('Line 1')
    expect(() => changed({ headers: 'a-key-by-itself' })).not.toThrow('a-key-by-itself')
  })
})

describe('an address to sign in at', () => {
  it('is one of the web', () => {
    expect(webAddress('https://login.example/a?b=c')).toBe('https://login.example/a?b=c')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'https://a@b.example/', 'login', ''])(
    'is not %j',
    (text) => expect(webAddress(text)).toBeNull(),
  )
})
