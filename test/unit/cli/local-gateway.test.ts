import { describe, expect, it } from 'vitest'
import { findGateway } from '../../../src/cli/local-gateway.ts'

const local = { url: 'http://127.0.0.1:9', token: 'local-token' }
const find = (
  flags: Record<string, string>,
  env: Record<string, string> = {},
  state: { url: string | null; token: string | null } = local,
) => findGateway(new Map(Object.entries(flags)), env, () => state)

describe('findGateway', () => {
  it('takes the running local gateway', () => {
    expect(find({})).toEqual(local)
  })

  it('falls back to the default port when none runs', () => {
    expect(find({}, {}, { url: null, token: null })).toEqual({
      url: 'http://127.0.0.1:8787',
      token: null,
    })
  })

  it('lets flags win over variables', () => {
    const env = { EDGECLAW_URL: 'http://env', EDGECLAW_TOKEN: 'env' }
    expect(find({ url: 'http://flag', token: 'flag' }, env)).toEqual({
      url: 'http://flag',
      token: 'flag',
    })
    expect(find({}, env)).toEqual({ url: 'http://env', token: 'env' })
  })

  it("rejects to send the local gateway's token elsewhere, and allows it to itself", () => {
    expect(find({ url: 'https://elsewhere.example' }).token).toBeNull()
    expect(find({ url: local.url }).token).toBe(local.token)
  })
})
