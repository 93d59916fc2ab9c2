/** The gateway inside workerd, as a client reaches it: HTTP, sockets, and what a test must set up. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { addressShardName } from '../../../src/domain/object-name.ts'
import { gateway, type OpenOptions, ORIGIN, TestSocket } from './socket.ts'

export type D1Migrations = Parameters<typeof applyD1Migrations>[1]

export interface TestEnv {
  readonly DB: D1Database
  readonly TEST_MIGRATIONS: D1Migrations
  readonly EDGECLAW_TOKEN: string
  readonly SESSIONS: DurableObjectNamespace
  readonly CONNECTIONS: DurableObjectNamespace
  readonly LIMITERS: DurableObjectNamespace
  readonly TENANTS: DurableObjectNamespace
  readonly INBOXES: DurableObjectNamespace
}
export const bindings = env as unknown as TestEnv
export const TOKEN = bindings.EDGECLAW_TOKEN

export const migrate = (): Promise<void> => applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS)

export type Headers_ = Readonly<Record<string, string>>

export const bearer = (token: string): Headers_ => ({ authorization: `Bearer ${token}` })

export interface HttpRequest {
  readonly method?: string
  readonly headers?: Headers_
  /** Sent as JSON; a stream or text as it is. */
  readonly body?: unknown
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  json(): Readonly<Record<string, unknown>>
  /** The code in the gateway's own error object. */
  readonly code: string | null
}

const bodyOf = (body: unknown): BodyInit | null => {
  if (body === undefined) return null
  return typeof body === 'string' || body instanceof ReadableStream ? body : JSON.stringify(body)
}

export async function http(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body } = request
  const response = await gateway.fetch(
    new Request(`${ORIGIN}${path}`, { method, headers: { ...headers }, body: bodyOf(body) }),
  )
  const text = await response.text()
  const json = (): Readonly<Record<string, unknown>> => JSON.parse(text)
  return { status: response.status, text, headers: response.headers, json, code: codeIn(text) }
}

function codeIn(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string } }
    return error?.code ?? null
  } catch {
    return null
  }
}

/** A control socket on which `connect` was answered with yes. */
export async function connected(
  params: Readonly<Record<string, unknown>>,
  options: OpenOptions = {},
): Promise<TestSocket> {
  const socket = await TestSocket.open('/ws', options)
  await socket.ask('connect', params)
  return socket
}

export const operator = (): Promise<TestSocket> => connected({ token: TOKEN })

export const sessionPath = (key: string): string => `/v1/sessions/${encodeURIComponent(key)}/ws`

/** Forgets wrong attempts: a test that makes many of them is not about the lockout. */
export async function forgetFailures(): Promise<void> {
  const stub = bindings.LIMITERS.getByName(addressShardName('local'))
  // What it has in memory is written down when it goes, so it goes before and after.
  await runInDurableObject(stub, async () => undefined)
  await evictDurableObject(stub)
  await runInDurableObject(stub, async (_, state) => state.storage.deleteAll())
  await evictDurableObject(stub)
}

export interface NewKey {
  readonly scopes: readonly string[]
  readonly owner: string
  readonly expiresIn?: number
}

export interface Key {
  readonly id: string
  readonly key: string
}

/** By the platform's operator, for any tenant. */
export async function createKey(by: TestSocket, tenantId: string, wanted: NewKey): Promise<Key> {
  const { id, key } = await by.ask('api_keys.create', {
    name: `${wanted.owner}'s`,
    scopes: wanted.scopes,
    owner_id: wanted.owner,
    tenant_id: tenantId,
    ...(wanted.expiresIn === undefined ? {} : { expires_in: wanted.expiresIn }),
  })
  return { id: String(id), key: String(key) }
}

/** As if the time were over: the row is what counts, and the next read sees it. */
export async function expireKey(id: string, tenantId: string): Promise<void> {
  await bindings.DB.batch([
    bindings.DB.prepare('UPDATE api_keys SET expires_at = 1 WHERE id = ?').bind(id),
    bindings.DB.prepare('UPDATE tenants SET auth_version = auth_version + 1 WHERE id = ?').bind(
      tenantId,
    ),
  ])
  const stub = bindings.TENANTS.getByName(encodeURIComponent(tenantId))
  await evictDurableObject(stub)
}

export async function createTenant(by: TestSocket, slug: string): Promise<string> {
  const { id } = await by.ask('tenants.create', { name: `Tenant ${slug}`, slug })
  return String(id)
}

/** Rows alone, for tests of one object that asks whether its tenant is there. */
export async function plantTenant(tenantId: string): Promise<void> {
  await bindings.DB.batch([
    bindings.DB.prepare(
      'INSERT INTO tenants (id, slug, name, created_at, updated_at) VALUES (?1, ?1, ?1, 1, 1)',
    ).bind(tenantId),
    bindings.DB.prepare(
      "INSERT INTO tenant_config (tenant_id, document, hash, updated_by, updated_at) VALUES (?, '{}', ?, 'x', 1)",
    ).bind(tenantId, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'),
  ])
}
