/** What the HTTP door knows of a request, and the steps that its routes share. */
import type { Context } from 'hono'
import type { Services } from '../api/context.ts'
import type { Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Admitted } from '../transport/admit.ts'
import { eventOfRefusal, type TransportRefusal } from '../transport/refusal.ts'
import { MAX_JSON_BODY_BYTES, parseJson, readBodyWithin } from '../transport/size.ts'
import { type Authenticated, authenticate, type Claims } from './authenticate.ts'
import { createReporter, reportAnonymously } from './emit.ts'
import type { Env } from './env.ts'
import { type ErrorDialect, refusalResponse } from './http-response.ts'
import { ratePerRequest } from './operation-rate.ts'
import type { Runtime } from './runtime.ts'
import { ofTransport } from './wire.ts'

/** Found out once by the first steps; routes read it. */
export interface Door {
  readonly runtime: Runtime
  readonly services: Services
  readonly admitted: Admitted
  readonly claims: Claims
}

export type App = { Bindings: Env; Variables: { door: Door } }
export type AppContext = Context<App>

/** OpenAI's paths answer with its error object, so that its SDKs understand them. */
export const dialectOf = (path: string): ErrorDialect =>
  OPENAI_PATHS.has(path) ? 'openai' : 'edgeclaw'

const OPENAI_PATHS: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/models',
])

/** Headers that say on whose behalf; `X-GoClaw-*` as older clients send them. */
export function ownHeader(c: AppContext, name: string): string | undefined {
  return c.req.header(`x-edgeclaw-${name}`) ?? c.req.header(`x-goclaw-${name}`)
}

export async function authenticateHttp(
  c: AppContext,
): Promise<Result<Authenticated, TransportRefusal>> {
  const { admitted, claims, services, runtime } = c.get('door')
  return authenticate(admitted.credential, claims, admitted, services, runtime.settings)
}

/**
 * @param principal whose tenant the event belongs to; without one nobody is known, and it goes to
 *   the log only
 */
export function turnAway(
  c: AppContext,
  refused: TransportRefusal,
  principal: Principal | null = null,
): Response {
  const { services, admitted } = c.get('door')
  const event = eventOfRefusal(refused, admitted.clientAddress)
  const report = principal ? createReporter(services, principal) : reportAnonymously
  if (event) report(event)
  return refusedResponse(c, refused)
}

export function refusedResponse(c: AppContext, refused: TransportRefusal): Response {
  const { refusal, status } = ofTransport(refused)
  return refusalResponse(refusal, status, dialectOf(c.req.path))
}

/** For what needs no body: proves the credential, draws on the operations bucket, or says why not. */
export async function enter(c: AppContext): Promise<Result<Authenticated, Response>> {
  const authenticated = await authenticateHttp(c)
  if (!authenticated.ok) return err(turnAway(c, authenticated.error))
  const { principal } = authenticated.value
  const limited = await ratePerRequest(c.get('door').services, principal).take()
  if (limited.ok) return authenticated
  return err(turnAway(c, limited.error, principal))
}

/** An absent body is an empty object; the cap is counted while reading, before anything is decoded. */
export async function readJson(request: Request): Promise<Result<unknown, TransportRefusal>> {
  if (request.body === null) return ok({})
  const bytes = await readBodyWithin(request.body, MAX_JSON_BODY_BYTES)
  if (!bytes.ok) return bytes
  return bytes.value.length === 0 ? ok({}) : parseJson(bytes.value)
}
