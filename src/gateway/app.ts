/**
 * The HTTP door, in the order of execution: settings → admit → public routes → authenticate → the
 * registry's routes. What no route claims is 404 for those who proved who they are.
 */
import { Hono } from 'hono'
import { type AnyOperation, DEFERRED } from '../api/operation.ts'
import { OPERATIONS } from '../api/registry.ts'
import type { KeptAnswer } from '../domain/ports/limiter.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { logError } from '../telemetry/log.ts'
import { type Admitted, addressOf, admit } from '../transport/admit.ts'
import { authorize } from '../transport/authorize.ts'
import { parseIdempotencyKey } from '../transport/idempotency.ts'
import { eventOfRefusal, type TransportRefusal } from '../transport/refusal.ts'
import { receiveDelivery, receiveHook } from './channels/receive.ts'
import { INSTALL_CALLBACK_PATH } from './channels/slack-install.ts'
import { completions, listModels } from './completions.ts'
import { type Caller, contextOf, dispatch } from './dispatch.ts'
import {
  type App,
  type AppContext,
  authenticateHttp,
  dialectOf,
  enter,
  ownHeader,
  readJson,
  refusedResponse,
  turnAway,
} from './door.ts'
import { reportAnonymously } from './emit.ts'
import type { Env } from './env.ts'
import { deleteFile, readFile, signFile, writeFile } from './files/routes.ts'
import { maxBodyBytesOf, uploadMedia } from './files/upload.ts'
import { jsonResponse, jsonTextResponse, refusalResponse, withHeaders } from './http-response.ts'
import { answerOfClaim, claimRequest } from './idempotency.ts'
import { finishLogin, handOverLogin, listLogins, startLogin } from './identity/login-routes.ts'
import { checkKey } from './key-check.ts'
import {
  CALLBACK_ROUTE,
  CLIENT_ROUTE,
  installCallback,
  mcpCallback,
  mcpClientDocument,
  SHARED_CALLBACK_PATH,
  SHARED_CLIENT_PATH,
  sharedClientDocument,
} from './mcp/callback.ts'
import { openApiDocument } from './openapi.ts'
import { RATE_TAKEN, ratePerRequest } from './operation-rate.ts'
import { pair } from './pair.ts'
import { responses } from './responses.ts'
import { openRuntime } from './runtime.ts'
import { createServices } from './services.ts'
import { controlSocket, sessionSocket } from './sockets.ts'
import { page } from './static-page.ts'
import { httpStatusOf, INTERNAL } from './wire.ts'

export const app = new Hono<App>()

app.onError((error, c) => {
  logError('http.failed', error, { path: c.req.path })
  return refusalResponse(INTERNAL, 500, dialectOf(c.req.path))
})

app.use(async (c, next) => {
  const runtime = openRuntime(c.env)
  if (!runtime.ok)
    return jsonResponse({ error: { code: 'UNAVAILABLE', message: runtime.error } }, 503)
  const { settings, keyRing } = runtime.value
  const { method, url, raw } = c.req
  const maxBodyBytes = maxBodyBytesOf(method, c.req.path)
  const facts = {
    method,
    url,
    headers: raw.headers,
    isInternal: false,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  }
  const admitted = admit(facts, settings)
  if (!admitted.ok) {
    const event = eventOfRefusal(admitted.error, addressOf(facts, settings))
    if (event) reportAnonymously(event)
    return refusedResponse(c, admitted.error)
  }
  if (admitted.value.kind === 'preflight') {
    return withHeaders(new Response(null, { status: 204 }), admitted.value.responseHeaders)
  }
  const shielded = await passShield(c.env, admitted.value)
  if (!shielded.ok) return refusedResponse(c, shielded.error)
  const services = createServices(c.env, keyRing, c.executionCtx)
  // Behind the shield: until it is proven, each asks an object.
  const keyed = await checkKey(services)
  if (!keyed.ok) return jsonResponse({ error: { code: 'UNAVAILABLE', message: keyed.error } }, 503)
  c.set('door', {
    runtime: runtime.value,
    services,
    admitted: admitted.value,
    claims: { userId: ownHeader(c, 'user-id'), tenant: ownHeader(c, 'tenant-id') },
  })
  await next()
  // The answer of an upgrade is the object's own.
  if (c.res.status !== 101) withHeaders(c.res, admitted.value.responseHeaders)
  return undefined
})

/** On the platform only: elsewhere addresses are not told apart, and one caller would starve all. */
async function passShield(
  { SHIELD, EDGECLAW_PLATFORM }: Env,
  { clientAddress }: Admitted,
): Promise<Result<null, TransportRefusal>> {
  if (!SHIELD || EDGECLAW_PLATFORM === 'local') return ok(null)
  const { success } = await SHIELD.limit({ key: clientAddress })
  return success ? ok(null) : err({ kind: 'rate_limited', bucket: 'shield', retryAfterMs: 60_000 })
}

app.get('/health', () => jsonResponse({ status: 'ok', protocol: 3 }, 200))
app.get('/ws', controlSocket)
app.get('/v1/sessions/:sessionKey/ws', sessionSocket)
app.post('/pair', pair)
app.on(['GET', 'POST'], '/channels/:type/:id', receiveDelivery)
app.post('/hooks/:id/:name', receiveHook)
app.post('/v1/chat/completions', completions)
app.post('/v1/responses', responses)
app.get('/v1/models', listModels)
app.post('/v1/files/sign', signFile)
app.get('/v1/files/*', readFile)
app.put('/v1/files/*', writeFile)
app.delete('/v1/files/*', deleteFile)
app.post('/v1/media/upload', uploadMedia)
app.get('/v1/login', listLogins)
app.get('/v1/login/callback', finishLogin)
app.post('/v1/login/token', handOverLogin)
app.post('/v1/login/:issuerId', startLogin)
app.get(CALLBACK_ROUTE, mcpCallback)
app.get(SHARED_CALLBACK_PATH, mcpCallback)
app.get(INSTALL_CALLBACK_PATH, installCallback)
app.get(CLIENT_ROUTE, mcpClientDocument)
app.get(SHARED_CLIENT_PATH, sharedClientDocument)
app.get('/v1/openapi.json', async (c) => {
  const entered = await enter(c)
  return entered.ok ? jsonResponse(openApiDocument(OPERATIONS), 200) : entered.error
})

for (const operation of OPERATIONS) {
  if (!operation.http) continue
  const path = operation.http.path.replaceAll(/\{(\w+)\}/g, ':$1')
  app.on(operation.http.method, path, (c) => answer(c, operation))
}

async function answer(c: AppContext, operation: AnyOperation): Promise<Response> {
  const authenticated = await authenticateHttp(c)
  if (!authenticated.ok) return turnAway(c, authenticated.error)
  const { principal } = authenticated.value
  const key = keyOf(c)
  if (!key.ok) return turnAway(c, key.error, principal)
  const params = await paramsOf(c)
  if (!params.ok) return turnAway(c, params.error, principal)
  const { services, runtime } = c.get('door')
  // Before anything is claimed: a key costs a write.
  const paced =
    operation.startsRun === true ? ok(null) : await ratePerRequest(services, principal).take()
  if (!paced.ok) return turnAway(c, paced.error, principal)
  const caller = {
    ...authenticated.value,
    services,
    settings: runtime.settings,
    replyTo: { kind: 'none' as const },
    defaultSessionKey: null,
    operations: RATE_TAKEN,
    origin: new URL(c.req.url).origin,
    traceparent: c.req.header('traceparent'),
  }
  // Whoever may not call it is turned away below, and leaves no key behind.
  const isKeyed = key.value !== null && authorize(principal, operation).ok
  if (!isKeyed) return toResponse(await act(operation, params.value, caller))
  const request = { principal, operation: operation.name, key: key.value, body: params.value }
  const claimed = await claimRequest(services, request)
  if (operation.startsRun) {
    if (claimed.claim.kind === 'reused')
      return turnAway(c, { kind: 'idempotency_key_reused' }, principal)
    // The run's session knows the key, and answers a repeat by the same run.
    const acted = await act(operation, { idempotencyKey: key.value, ...params.value }, caller)
    if (claimed.claim.kind === 'first') await (acted.ok ? claimed.settle(null) : claimed.release())
    return toResponse(acted)
  }
  const earlier = answerOfClaim(claimed.claim)
  if (!earlier.ok) return turnAway(c, earlier.error, principal)
  if (earlier.value !== null) return replayed(earlier.value)
  const acted = await act(operation, params.value, caller)
  // An error of ours leaves open whether it acted: its key stays claimed, and its repeat is told so.
  if (acted.ok) await claimed.settle(operation.answersSecret ? null : acted.value)
  else if (acted.error.code !== 'INTERNAL') await claimed.release()
  return toResponse(acted)
}

/** The header counts where something may change; reading twice harms nobody. */
const keyOf = (c: AppContext): Result<string | null, TransportRefusal> =>
  c.req.method === 'GET' ? ok(null) : parseIdempotencyKey(c.req.header('idempotency-key') ?? null)

async function act(
  operation: AnyOperation,
  params: Record<string, unknown>,
  caller: Caller,
): Promise<Result<KeptAnswer, Refusal>> {
  const result = await dispatch(operation, params, caller)
  if (!result.ok) return result
  if (result.value === DEFERRED) return ok({ status: 202, body: '{}' })
  const body = operation.presentHttp?.(result.value, contextOf(caller)) ?? result.value
  return ok({ status: operation.http?.status ?? 200, body: JSON.stringify(body) })
}

const toResponse = (acted: Result<KeptAnswer, Refusal>): Response =>
  acted.ok
    ? jsonTextResponse(acted.value.body, acted.value.status)
    : refusalResponse(acted.error, httpStatusOf(acted.error.code), 'edgeclaw')

const replayed = ({ body, status }: KeptAnswer): Response =>
  jsonTextResponse(body, status, [['idempotency-replayed', 'true']])

/** Path over query over body: what the route names cannot be contradicted by the body. */
async function paramsOf(c: AppContext): Promise<Result<Record<string, unknown>, TransportRefusal>> {
  const body = await readJson(c.req.raw)
  if (!body.ok) return body
  const query = Object.fromEntries(new URL(c.req.url).searchParams)
  const members = typeof body.value === 'object' && body.value !== null ? body.value : {}
  return ok({ ...members, ...query, ...c.req.param() })
}

/** Without a credential an API path tells nothing, not even which paths there are. */
app.all('/v1/*', async (c) => {
  const entered = await enter(c)
  return entered.ok ? refusalResponse(notFound('path'), 404, 'edgeclaw') : entered.error
})

app.get('*', page)
app.notFound(() => refusalResponse(notFound('path'), 404, 'edgeclaw'))
