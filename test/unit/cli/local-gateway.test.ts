import { describe, expect, it } from 'vitest'
import { findGateway } from '../../../src/cli/local-gateway.ts'
import type { Profiles } from '../../../src/cli/profiles.ts'

const local = { url: 'http://127.0.0.1:9', token: 'local-token' }
const NONE: Profiles = { current: null, profiles: {} }
const TWO: Profiles = {
  current: 'work',
  profiles: {
    work: { url: 'https://work.example', token: 'work-token' },
    home: { url: 'https://home.example', token: 'home-token' },
  },
}

const find = (
  flags: Record<string, string>,
  env: Record<string, string> = {},
  profiles = NONE,
  state: { url: string | null; token: string | null } = local,
) => {
  const { url, token, source } = findGateway(new Map(Object.entries(flags)), env, {
    readLocal: () => state,
    readProfiles: () => profiles,
  })
  return { url, token, kind: source.kind }
}

describe('findGateway', () => {
  it('takes the running local gateway', () => {
    expect(find({})).toEqual({ ...local, kind: 'state' })
  })

  it('falls back to the default port when none runs', () => {
    expect(find({}, {}, NONE, { url: null, token: null })).toEqual({
      url: 'http://127.0.0.1:8787',
      token: null,
      kind: 'default',
    })
  })

  it('lets flags win over variables', () => {
    const env = { EDGECLAW_URL: 'https://env.example', EDGECLAW_TOKEN: 'env' }
    expect(find({ url: 'https://flag.example' }, env)).toEqual({
      url: 'https://flag.example',
      token: 'env',
      kind: 'flag',
    })
    expect(find({}, env)).toEqual({ url: 'https://env.example', token: 'env', kind: 'environment' })
  })

  it("rejects to send the local gateway's token elsewhere, and allows it to itself", () => {
    expect(find({ url: 'https://elsewhere.example' }).token).toBeNull()
    expect(find({ url: local.url }).token).toBe(local.token)
    expect(find({ url: `${local.url}/` })).toMatchObject(local)
  })

  it('takes the current login before a folder that merely lies here', () => {
    expect(find({}, {}, TWO)).toEqual({
      url: 'https://work.example',
      token: 'work-token',
      kind: 'profile',
    })
  })

  it('takes a state folder that is named before any login', () => {
    expect(find({ state: 'here' }, {}, TWO)).toEqual({ ...local, kind: 'state' })
    expect(find({}, { EDGECLAW_STATE: 'here' }, TWO).url).toBe(local.url)
  })

  it("rejects to send a login's token to another gateway, and allows it to its own", () => {
    expect(find({ url: 'https://elsewhere.example' }, {}, TWO).token).toBeNull()
    expect(find({ url: 'https://work.example.evil.example' }, {}, TWO).token).toBeNull()
    expect(find({ url: 'http://work.example' }, {}, TWO).token).toBeNull()
    expect(find({ url: 'https://work.example' }, {}, TWO).token).toBe('work-token')
  })

  it('takes address and token of a named profile together, whatever the environment says', () => {
    const env = { EDGECLAW_URL: 'https://evil.example', EDGECLAW_TOKEN: 'env' }
    expect(find({ profile: 'home' }, env, TWO)).toEqual({
      url: 'https://home.example',
      token: 'home-token',
      kind: 'profile',
    })
  })

  it('refuses a profile that is not there, and names a near one', () => {
    expect(() => find({ profile: 'wrok' }, {}, TWO)).toThrow('did you mean work?')
    expect(() => find({ profile: 'constructor' }, {}, TWO)).toThrow('there is no profile')
  })

  it('takes no other token for one that is set and empty', () => {
    const env = { EDGECLAW_URL: 'https://env.example', EDGECLAW_TOKEN: '' }
    expect(() => find({}, env, TWO)).toThrow('EDGECLAW_TOKEN is empty')
  })

  it('sends a token that was set to the gateway beside it, or on this machine, and to no other', () => {
    const env = { EDGECLAW_TOKEN: 'env' }
    expect(find({}, env)).toMatchObject({ url: local.url, token: 'env' })
    expect(() => find({}, env, TWO)).toThrow('not for which gateway')
    const elsewhere = { url: 'https://evil.example', token: 'x' }
    expect(() => find({ state: 'here' }, env, NONE, elsewhere)).toThrow('not for which gateway')
  })

  it('takes a gateway on another machine from no folder that merely lies here', () => {
    const elsewhere = { url: 'https://evil.example', token: 'x' }
    expect(() => find({}, {}, NONE, elsewhere)).toThrow('on another machine')
    expect(find({ state: 'here' }, {}, NONE, elsewhere)).toMatchObject(elsewhere)
  })

  it('sends no token unencrypted to another machine, unless told to', () => {
    const env = { EDGECLAW_URL: 'http://gateway.example', EDGECLAW_TOKEN: 'env' }
    expect(() => find({}, env)).toThrow('is not encrypted')
    expect(() => find({ url: 'http://127.0.0.1.example' }, env)).toThrow('is not encrypted')
    expect(find({ 'plain-http': '' }, env).token).toBe('env')
    expect(find({}, { ...env, EDGECLAW_PLAIN_HTTP: '1' }).token).toBe('env')
    expect(find({ url: 'http://127.0.0.1:1' }, env).token).toBe('env')
  })

  it('refuses what is no address of a gateway, and repeats no password of it', () => {
    const env = { EDGECLAW_TOKEN: 'env' }
    for (const url of ['https://a:secret@b.example', 'ftp://b.example', 'https://b.example/x']) {
      expect(() => find({ url }, env)).toThrow(/URL of a gateway (?!.*secret)/)
    }
  })

  it('reads no profiles when the environment says both', () => {
    const read = () => {
      throw new Error('was read')
    }
    const env = { EDGECLAW_URL: 'https://env.example', EDGECLAW_TOKEN: 'env' }
    const known = { readLocal: () => local, readProfiles: read }
    expect(findGateway(new Map(), env, known).token).toBe('env')
    expect(() => findGateway(new Map(), {}, known)).toThrow('was read')
  })
})
