/**
 * The first layer alone: what it refuses with the other four switched off. Nothing but its own folder
 * and the nouns of domain/ is loaded here; beside each hostile case stands its honest neighbour.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tenantIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import type { Principal } from '../../../src/domain/principal.ts'
import { admit, type TransportSettings } from '../../../src/transport/admit.ts'
import { authorize } from '../../../src/transport/authorize.ts'
import { BucketTable } from '../../../src/transport/bucket-table.ts'
import { IdempotencyTable } from '../../../src/transport/idempotency.ts'
import { LockoutTable, lockoutKey } from '../../../src/transport/lockout.ts'
import { OPERATIONS_BUCKET } from '../../../src/transport/rate-limit.ts'
import { eventOfRefusal, type TransportRefusal } from '../../../src/transport/refusal.ts'
import { checkSessionAccess } from '../../../src/transport/session-access.ts'
import {
  checkMessageSize,
  MAX_FIRST_FRAME_BYTES,
  MAX_SOCKET_MESSAGE_BYTES,
  parseJsonText,
  readBodyWithin,
} from '../../../src/transport/size.ts'
import { SocketSlots } from '../../../src/transport/socket-slots.ts'

const NOW = 1_800_000_000_000
const FOLDER = new URL('../../../src/transport/', import.meta.url)
const OTHER_LAYERS = /from '\.\.\/(?:input|tools|output|isolation|gateway|objects)\//

const DEPLOYED: TransportSettings = {
  platform: 'cloudflare',
  allowedOrigins: ['https://app.example'],
  trustedProxies: [],
  publicOrigin: null,
  isDevelopmentMode: false,
}
const ON_THIS_MACHINE = { ...DEPLOYED, platform: 'local', isDevelopmentMode: true } as const

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: readonly (readonly [string, string])[]
}

function gate(sent: Sent, settings: TransportSettings = DEPLOYED): TransportRefusal | 'admitted' {
  const headers = new Headers([['cf-connecting-ip', '203.0.113.7'], ...(sent.headers ?? [])] as [
    string,
    string,
  ][])
  const url = sent.url ?? 'https://gateway.example/v1/agents'
  const admitted = admit(
    { method: sent.method ?? 'GET', url, headers, isInternal: false },
    settings,
  )
  return admitted.ok ? 'admitted' : admitted.error
}

const principal = (fields: Partial<Principal> = {}): Principal => ({
  tenantId: tenantIdSchema.parse('ten_north'),
  userId: userIdSchema.parse('alice'),
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '203.0.113.7',
  allowedAgents: null,
  channel: null,
  ...fields,
})

it('is alone: no file of the layer knows another', () => {
  const files = readdirSync(FOLDER)
  expect(files.length).toBeGreaterThan(10)
  const texts = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  expect(texts.filter((text) => OTHER_LAYERS.test(text))).toEqual([])
})

/** What comes in, the refusal it meets, and the neighbour one step away that passes. */
const HEADS: readonly {
  readonly what: string
  readonly kind: TransportRefusal['kind']
  readonly hostile: Sent
  readonly honest: Sent
  readonly settings?: TransportSettings
}[] = [
  {
    what: 'a page of a foreign origin',
    kind: 'origin_not_allowed',
    hostile: { headers: [['origin', 'https://app.example.evil.example']] },
    honest: { headers: [['origin', 'https://app.example']] },
  },
  {
    what: 'a sandboxed frame, whose origin is null',
    kind: 'origin_not_allowed',
    hostile: { headers: [['origin', 'null']] },
    honest: {},
  },
  {
    what: 'a socket opened by a foreign page',
    kind: 'origin_not_allowed',
    hostile: {
      headers: [
        ['upgrade', 'websocket'],
        ['origin', 'https://evil.example'],
      ],
    },
    honest: {
      headers: [
        ['upgrade', 'websocket'],
        ['origin', 'https://gateway.example'],
      ],
    },
  },
  {
    what: 'a token in the URL',
    kind: 'credential_in_url',
    hostile: { url: `https://gateway.example/ws?access_token=${'x'.repeat(40)}` },
    honest: { headers: [['authorization', `Bearer ${'x'.repeat(40)}`]] },
  },
  {
    what: 'two credentials at once',
    kind: 'credential_malformed',
    hostile: {
      headers: [
        ['upgrade', 'websocket'],
        ['authorization', 'Bearer one-token'],
        ['sec-websocket-protocol', 'edgeclaw.v3, bearer.b25lLXRva2Vu'],
      ],
    },
    honest: {
      headers: [
        ['upgrade', 'websocket'],
        ['sec-websocket-protocol', 'edgeclaw.v3, bearer.b25lLXRva2Vu'],
      ],
    },
  },
  {
    what: 'a URL of more than 8 KiB',
    kind: 'url_too_long',
    hostile: { url: `https://gateway.example/${'a'.repeat(8_192)}` },
    honest: { url: `https://gateway.example/${'a'.repeat(8_000)}` },
  },
  {
    what: 'headers of more than 32 KiB',
    kind: 'headers_too_large',
    hostile: { headers: [['x-large', 'v'.repeat(33_000)]] },
    honest: { headers: [['x-large', 'v'.repeat(31_000)]] },
  },
  {
    what: 'more than a hundred headers',
    kind: 'too_many_headers',
    hostile: { headers: Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'v'] as const) },
    honest: { headers: Array.from({ length: 99 }, (_, i) => [`x-${i}`, 'v'] as const) },
  },
  {
    what: 'a declared body of more than 1 MB',
    kind: 'body_too_large',
    hostile: { method: 'POST', headers: [['content-length', '1000001']] },
    honest: { method: 'POST', headers: [['content-length', '1000000']] },
  },
  {
    what: 'a rebound name in development mode',
    kind: 'host_not_allowed',
    settings: ON_THIS_MACHINE,
    hostile: { headers: [['host', 'rebound.example:8787']] },
    honest: { headers: [['host', '127.0.0.1:8787']] },
  },
  {
    what: 'another page of this machine in development mode',
    kind: 'origin_not_allowed',
    settings: ON_THIS_MACHINE,
    hostile: {
      headers: [
        ['host', 'localhost:8787'],
        ['origin', 'http://localhost:3000'],
      ],
    },
    honest: {
      headers: [
        ['host', 'localhost:8787'],
        ['origin', 'http://localhost:8787'],
      ],
    },
  },
]

describe('admit', () => {
  for (const { what, kind, hostile, honest, settings } of HEADS) {
    it(`rejects ${what}, and allows its neighbour`, () => {
      const refused = gate(hostile, settings)
      expect(refused === 'admitted' ? refused : refused.kind).toBe(kind)
      expect(gate(honest, settings)).toBe('admitted')
    })
  }

  it('counts a caller under an address that it cannot choose', () => {
    const addressOf = (headers: Record<string, string>, settings = DEPLOYED) => {
      const facts = { method: 'GET', url: 'https://g.example/', isInternal: false }
      const admitted = admit({ ...facts, headers: new Headers(headers) }, settings)
      return admitted.ok ? admitted.value.clientAddress : null
    }
    const forged = { 'cf-connecting-ip': '203.0.113.7', 'x-forwarded-for': '198.51.100.1' }
    expect(addressOf(forged)).toBe('203.0.113.7')
    const proxied = { ...DEPLOYED, trustedProxies: ['203.0.113.0/24'] }
    expect(addressOf(forged, proxied)).toBe('198.51.100.1')
    const neighbours = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'].map((ip) =>
      addressOf({ 'cf-connecting-ip': ip }),
    )
    expect(new Set(neighbours)).toEqual(new Set(['2001:db8:1:2::/64']))
    const local = { ...DEPLOYED, platform: 'local' } as const
    expect(addressOf(forged, local)).toBe('local')
  })
})

describe('bodies and frames', () => {
  it('are counted while they stream, whatever length was declared', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++
        controller.enqueue(new Uint8Array(1_000))
      },
    })
    expect(await readBodyWithin(endless, 10_000)).toMatchObject({
      error: { kind: 'body_too_large' },
    })
    expect(pulled).toBeLessThan(20)
    const fitting = new Response('x'.repeat(10_000)).body
    expect((await readBodyWithin(fitting, 10_000)).ok).toBe(true)
  })

  it('have 512 KiB, and 64 KiB before authentication', () => {
    expect(MAX_SOCKET_MESSAGE_BYTES).toBe(524_288)
    expect(MAX_FIRST_FRAME_BYTES).toBe(65_536)
    const frame = 'x'.repeat(MAX_FIRST_FRAME_BYTES)
    expect(checkMessageSize(frame, MAX_FIRST_FRAME_BYTES).ok).toBe(true)
    expect(checkMessageSize(`${frame}x`, MAX_FIRST_FRAME_BYTES).ok).toBe(false)
    expect(checkMessageSize('é'.repeat(300_000), MAX_SOCKET_MESSAGE_BYTES).ok).toBe(false)
  })

  it('are judged by their nesting before they are parsed', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(parseJsonText(nested(1_000_000))).toMatchObject({ error: { kind: 'json_too_deep' } })
    expect(parseJsonText(nested(64)).ok).toBe(true)
    expect(parseJsonText(JSON.stringify({ text: '['.repeat(1_000) })).ok).toBe(true)
  })
})

describe('limits', () => {
  it('hold for a caller that comes 200 times at once', () => {
    const table = new BucketTable()
    const verdicts = Array.from({ length: 200 }, () => table.take([OPERATIONS_BUCKET], NOW))
    expect(verdicts.filter(({ verdict }) => verdict.isAllowed)).toHaveLength(100)
    expect(table.take([OPERATIONS_BUCKET], NOW + 100).verdict.isAllowed).toBe(true)
  })

  it('lock a guesser out, and nobody of another address', () => {
    const table = new LockoutTable()
    const key = lockoutKey('203.0.113.7', 'api_key')
    for (let i = 0; i < 5; i++) table.recordFailure(key, NOW)
    for (let i = 0; i < 20_000; i++) table.recordFailure(lockoutKey(`flood-${i}`, 'api_key'), NOW)
    expect(table.size).toBeLessThanOrEqual(10_000)
    expect(table.state(key, NOW + 299_999).isLocked).toBe(true)
    expect(table.state(lockoutKey('198.51.100.1', 'api_key'), NOW).isLocked).toBe(false)
  })

  it('let no address hold more than twenty sockets that say nothing', () => {
    const slots = new SocketSlots()
    const held = Array.from({ length: 40 }, (_, i) => slots.hold('203.0.113.7', `s${i}`, NOW))
    expect(held.filter(Boolean)).toHaveLength(20)
    expect(slots.hold('198.51.100.1', 's', NOW)).toBe(true)
  })

  it('let a keyed request act once, and refuse its key for anything else', () => {
    const table = new IdempotencyTable()
    const answer = { status: 201, body: '{}' }
    expect(table.claim('k', 'body', NOW).claim.kind).toBe('first')
    table.settle('k', answer)
    expect(table.claim('k', 'body', NOW).claim).toEqual({ kind: 'repeat', answer })
    expect(table.claim('k', 'other', NOW).claim.kind).toBe('reused')
  })
})

describe('rights', () => {
  const apply = {
    name: 'config.apply',
    access: { role: 'admin', scope: 'operator.admin' },
  } as const

  it('need role and scope both', () => {
    const admin = principal({ role: 'admin', scopes: ['operator.admin'] })
    expect(authorize(admin, apply).ok).toBe(true)
    for (const weak of [
      principal(),
      principal({ role: 'admin' }),
      principal({ scopes: ['operator.admin'] }),
      principal({ role: 'owner', scopes: [] }),
    ]) {
      expect(authorize(weak, apply).ok).toBe(false)
    }
  })

  it('of a platform are no role of a tenant', () => {
    const platform = {
      name: 'tenants.list',
      access: { role: 'platform', scope: 'operator.admin' },
    } as const
    const owner = principal({ role: 'owner', scopes: ['operator.admin'] })
    expect(authorize(owner, platform).ok).toBe(false)
    expect(authorize({ ...owner, isMasterScope: true }, platform).ok).toBe(true)
  })

  it('to a session are its owner’s and the admins’ of its tenant', () => {
    const alice = principal()
    const session = { tenantId: alice.tenantId, ownerId: alice.userId }
    const mallory = principal({ userId: userIdSchema.parse('mallory') })
    const foreignOwner = principal({
      tenantId: tenantIdSchema.parse('ten_south'),
      role: 'owner',
      scopes: ['operator.admin'],
    })
    expect(checkSessionAccess(alice, session).ok).toBe(true)
    expect(checkSessionAccess({ ...mallory, role: 'admin' }, session).ok).toBe(true)
    expect(checkSessionAccess(mallory, session)).toMatchObject({
      error: { kind: 'not_session_owner' },
    })
    expect(checkSessionAccess(foreignOwner, session)).toMatchObject({
      error: { kind: 'foreign_tenant' },
    })
  })
})

describe('evidence', () => {
  it('goes with every attack, and with no plain mistake', () => {
    const nameOf = (refused: TransportRefusal) => eventOfRefusal(refused, '203.0.113.7')?.name
    expect(nameOf({ kind: 'origin_not_allowed', origin: 'https://evil.example' })).toBe(
      'cors_rejected',
    )
    expect(nameOf({ kind: 'credential_rejected', credentialKind: 'api_key' })).toBe('auth_failed')
    expect(nameOf({ kind: 'locked_out', credentialKind: 'api_key', retryAfterMs: 1 })).toBe(
      'locked_out',
    )
    expect(nameOf({ kind: 'rate_limited', bucket: 'runs', retryAfterMs: 1 })).toBe('rate_limited')
    expect(nameOf({ kind: 'too_many_sockets', max: 20 })).toBe('rate_limited')
    expect(nameOf({ kind: 'json_malformed' })).toBeUndefined()
  })
})
