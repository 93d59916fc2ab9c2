/**
 * The runner's HTTP side, in the order of a request: find the route, authenticate, check, act. It
 * has no engine socket and runs nothing itself.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import {
  type ExecRequest,
  execRequestSchema,
  type FetchAnswer,
  type FetchRequest,
  fetchRequestSchema,
  type Health,
  imageBuildRequestSchema,
  type JobClaims,
  MAX_BLOB_BYTES,
  MAX_EXEC_BODY_BYTES,
  MAX_IMAGE_BODY_BYTES,
  MAX_MANIFEST_BODY_BYTES,
  manifestBodySchema,
  profileText,
} from '../../../src/isolation/contract.ts'
import type { LauncherStatus } from '../launcher/job.ts'
import { errorKind, log } from '../log.ts'
import { type Authenticate, refuseBody } from './authenticate.ts'
import { readBody, readJson, sha256Of } from './body.ts'
import { type BuildDependencies, createImageBuilds } from './builds.ts'
import { forwardsOf } from './egress-list.ts'
import { mayStart } from './fair-share.ts'
import { fetchChecked } from './fetch.ts'
import { jobIdentity } from './records.ts'
import { Refusal } from './refusal.ts'
import { type ExecDependencies, type Needs, runExec } from './run-exec.ts'
import { openTrace } from './trace.ts'

/** A fetch request carries at most 1 MB of body in base64, and headers. */
const MAX_FETCH_BODY_BYTES = 2 * 1024 * 1024
const MAX_HEADER_BYTES = 16 * 1024
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 120_000
/** Prometheus gives a scrape 10 s. */
const SCRAPE_WAIT_MS = 2_000
const CAPACITY_RETRY_MS = 1_000
const IMAGE_RETRY_MS = 2_000
const BLOB_ROUTE = /^\/v1\/blobs\/([0-9a-f]{64})$/
const EXEC_ROUTE = /^\/v1\/exec\/([A-Za-z0-9_.:%-]{1,400})(\/manifest)?$/

export interface FrontOptions extends ExecDependencies, BuildDependencies {
  readonly authenticate: Authenticate
  readonly maxExecs: number
  /** New with every process. */
  readonly instance: string
  readonly imageName: string
  readonly tls: { readonly cert: string; readonly key: string } | null
}

const invalid = (message: string): Refusal => new Refusal('INVALID_JOB', message)
const absent = (what: string): Refusal => new Refusal('NOT_FOUND', `${what} not found`)

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'malformed'}`)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

function parseFrom(url: URL): number | null {
  const text = url.searchParams.get('from')
  if (text === null) return null
  if (!/^\d{1,12}$/.test(text)) throw invalid('from must be a byte offset')
  return Number(text)
}

/** What the schema alone cannot say about a job. */
function checkJob(request: ExecRequest, claims: JobClaims): void {
  const { profile, workspace } = request
  if (request.execId !== claims.exec) throw invalid('the token is for another exec')
  if (request.profileHash !== sha256Of(profileText(profile))) {
    throw invalid('the profile is not the one that was approved')
  }
  if ((profile.access === 'none') !== (workspace === null)) {
    throw invalid('a workspace belongs to access ro and rw')
  }
  if (profile.network.kind === 'none') return
  if (!profile.isOneShot) throw invalid('an egress allow list belongs to a one-shot job')
  if (forwardsOf(profile.network.hosts) === null) {
    throw invalid('a port of the egress allow list cannot be offered, or is another host’s too')
  }
}

const isWell = (status: LauncherStatus | null): boolean =>
  status?.isReachable === true && status.image === 'present'

export function createFront(options: FrontOptions) {
  const { authenticate, blobs, launcher, metrics, records } = options
  /** By record key; an exec that needs nothing any more is not asked. */
  const preparing = new Map<string, Needs>()
  const images = createImageBuilds(options)

  async function health(): Promise<Health> {
    const status = await launcher.status()
    return {
      status: isWell(status) ? 'ok' : 'degraded',
      instance: options.instance,
      engine: { isReachable: status?.isReachable ?? false, version: status?.version ?? null },
      image: { name: options.imageName, state: status?.image ?? 'unknown' },
      capacity: { running: records.running(), max: options.maxExecs },
      isUserNamespaceRemapped: status?.isUserNamespaceRemapped ?? false,
      runtime: status?.runtime ?? '',
    }
  }

  async function postExec(
    claims: JobClaims,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const job = parse(execRequestSchema, await readJson(request, claims, MAX_EXEC_BODY_BYTES))
    checkJob(job, claims)
    const identity = jobIdentity(job)
    const from = parseFrom(url)
    const known = (): boolean => {
      const record = records.find(claims)
      if (record === null) {
        if (!records.isOutcomeUnknown(claims)) return false
        throw new Refusal('OUTCOME_UNKNOWN', 'the runner was restarted after this job had started')
      }
      if (record.mayRestart && from === null) return false
      if (record.identity !== null && record.identity !== identity) {
        throw new Refusal('CONFLICT', 'the exec id was used for another job')
      }
      records.attach(record, response, from ?? 0)
      return true
    }
    if (known()) return
    // Who asks for the rest of a stream must never get a beginning.
    if (from !== null) throw absent('exec')
    const status = await launcher.status()
    if (status?.isReachable !== true) {
      throw new Refusal('ENGINE_UNAVAILABLE', 'no container engine answers')
    }
    if (job.profile.image === undefined && status.image !== 'present') {
      throw new Refusal('IMAGE_MISSING', 'the sandbox image is not there yet', {
        retryAfterMs: IMAGE_RETRY_MS,
      })
    }
    // The same exec may have come in while we asked.
    if (known()) return
    if (!mayStart(records.running(), records.runningOf(claims.tenant), options.maxExecs)) {
      throw new Refusal('CAPACITY', 'all sandboxes of this runner are in use', {
        retryAfterMs: CAPACITY_RETRY_MS,
      })
    }
    const record = records.create(claims, identity, openTrace(request.headers['traceparent']))
    records.attach(record, response, 0)
    const running = runExec(job, claims, record, options)
    preparing.set(record.key, running.needs)
    running.done.finally(() => preparing.delete(record.key)).catch(() => {})
  }

  async function putBlob(
    claims: JobClaims,
    sha256: string,
    request: IncomingMessage,
  ): Promise<void> {
    const record = records.find(claims)
    const needs = record === null ? undefined : preparing.get(record.key)
    if (needs === undefined || !needs.wantsBlob(sha256)) throw absent('exec that needs this blob')
    if (claims.bodySha256 !== sha256) throw refuseBody()
    if (Number(request.headers['content-length'] ?? 0) > MAX_BLOB_BYTES) {
      throw new Refusal('WORKSPACE_TOO_LARGE', 'a file is too large')
    }
    const stored = await blobs.put(claims.tenant, sha256, request as AsyncIterable<Uint8Array>)
    if (stored === null) throw refuseBody()
    metrics.bytes('blobs_received', stored.size)
    needs.onBlob(sha256)
  }

  async function getBlob(claims: JobClaims, sha256: string, response: ServerResponse) {
    const found = blobs.stream(claims.tenant, sha256)
    if (found === null) throw absent('blob')
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': found.size,
      'cache-control': 'no-store',
    })
    await pipeline(found.stream, response)
    metrics.bytes('blobs_sent', found.size)
  }

  async function onExec(
    claims: JobClaims,
    isManifest: boolean,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const record = records.find(claims)
    if (isManifest && request.method === 'PUT') {
      const body = parse(
        manifestBodySchema,
        await readJson(request, claims, MAX_MANIFEST_BODY_BYTES),
      )
      const needs = record === null ? undefined : preparing.get(record.key)
      if (needs?.onManifest(body.entries) !== true) throw absent('exec that needs a manifest')
      response.writeHead(204).end()
      return
    }
    await readBody(request, claims, 0)
    if (isManifest) throw absent('route')
    if (request.method === 'GET') {
      if (record === null && !records.isOutcomeUnknown(claims)) throw absent('exec')
      sendJson(response, 200, { execId: claims.exec, state: record?.state ?? 'unknown_outcome' })
      return
    }
    if (request.method !== 'DELETE') throw absent('route')
    // An unknown id is barred: a request for it that is still on its way must not start anything.
    if (record !== null) record.cancel()
    else if (!records.isOutcomeUnknown(claims)) records.bar(claims)
    response.writeHead(204).end()
  }

  async function fetchCounted(body: FetchRequest): Promise<FetchAnswer> {
    try {
      const answer = await fetchChecked(body, options.addresses)
      metrics.fetched('answered')
      metrics.bytes('fetched', Buffer.byteLength(answer.bodyB64, 'base64'))
      return answer
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'FETCH_FAILED'
      metrics.fetched(code === 'FETCH_REFUSED' || code === 'TIMEOUT' ? code : 'FETCH_FAILED')
      throw error
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://runner')
    const { pathname } = url
    if (request.method === 'GET' && pathname === '/health') {
      sendJson(response, 200, await health())
      return
    }
    if (request.method === 'GET' && pathname === '/metrics') {
      // A hanging engine is when the figures are wanted most.
      const status = await Promise.race([launcher.status(), pause(SCRAPE_WAIT_MS, null)])
      const text = await metrics.text({
        running: records.running(),
        maxExecs: options.maxExecs,
        cacheBytes: blobs.bytes(),
        isWell: isWell(status),
        pool: status?.pool ?? null,
      })
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
      return
    }
    const claims = await authenticate(request)
    if (request.method === 'POST' && pathname === '/v1/exec') {
      await postExec(claims, url, request, response)
      return
    }
    if (request.method === 'POST' && pathname === '/v1/images') {
      const body = await readJson(request, claims, MAX_IMAGE_BODY_BYTES)
      const { packages } = parse(imageBuildRequestSchema, body)
      await images.handle(claims, packages, response)
      return
    }
    const blob = BLOB_ROUTE.exec(pathname)?.[1]
    if (blob !== undefined && request.method === 'PUT') {
      await putBlob(claims, blob, request)
      response.writeHead(204).end()
      return
    }
    if (blob !== undefined && request.method === 'GET') {
      await readBody(request, claims, 0)
      await getBlob(claims, blob, response)
      return
    }
    const [, exec, manifest] = EXEC_ROUTE.exec(pathname) ?? []
    if (exec !== undefined && decodeURIComponent(exec) === claims.exec) {
      await onExec(claims, manifest !== undefined, request, response)
      return
    }
    if (request.method === 'POST' && pathname === '/v1/fetch') {
      const body = parse(fetchRequestSchema, await readJson(request, claims, MAX_FETCH_BODY_BYTES))
      sendJson(response, 200, await fetchCounted(body))
      return
    }
    throw absent('route')
  }

  function answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const isRefusal = error instanceof Refusal
    if (isRefusal && error.code === 'UNAUTHENTICATED') {
      log('unauthenticated', { reason: error.detail, method: request.method ?? '' })
    } else if (!isRefusal) {
      log('request_failed', { error: errorKind(error) })
    }
    const refusal = isRefusal
      ? error
      : new Refusal('ENGINE_UNAVAILABLE', 'the runner failed to handle the request')
    metrics.refused(refusal.code)
    if (response.headersSent) {
      response.destroy()
      return
    }
    // What is left of the body is not worth reading.
    response.setHeader('connection', 'close')
    sendJson(response, refusal.status, { error: refusal.toWire() })
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => {})
    route(request, response).catch((error: unknown) => answerError(error, request, response))
  }
  const serverOptions = { maxHeaderSize: MAX_HEADER_BYTES }
  const server: Server =
    options.tls === null
      ? createServer(serverOptions, onRequest)
      : createTlsServer({ ...serverOptions, ...options.tls }, onRequest)
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  return server
}
