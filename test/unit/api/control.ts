/** Operations as callers with different credentials call them, over a database in this process. */
import { findOperation } from '../../../src/api/registry.ts'
import type { Refusal } from '../../../src/domain/refusal.ts'
import type { Result } from '../../../src/domain/result.ts'
import { authenticate, type Claims } from '../../../src/gateway/authenticate.ts'
import { dispatch } from '../../../src/gateway/dispatch.ts'
import { RATE_TAKEN } from '../../../src/gateway/operation-rate.ts'
import type { PresentedCredential } from '../../../src/transport/credential.ts'
import { ADDRESS, settings, type World } from '../gateway/world.ts'

export interface Caller {
  readonly credential: PresentedCredential
  readonly claims?: Claims
}

export type Answer = Result<Readonly<Record<string, unknown>>, Refusal>

export async function call(
  world: World,
  { credential, claims = {} }: Caller,
  name: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const facts = { clientAddress: ADDRESS, isDevelopment: false }
  const proven = await authenticate(credential, claims, facts, world.services, settings())
  if (!proven.ok) throw new Error(`${name}: ${proven.error.kind}`)
  const operation = findOperation(name)
  if (!operation) throw new Error(`no operation ${name}`)
  const answer = await dispatch(operation, params, {
    ...proven.value,
    services: world.services,
    settings: settings(),
    replyTo: { kind: 'none' },
    defaultSessionKey: null,
    operations: RATE_TAKEN,
    origin: 'https://gateway.example',
  })
  return answer as Answer
}

/** The answer to what must be allowed. */
export async function asked(
  ...[world, caller, name, params]: Parameters<typeof call>
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await call(world, caller, name, params)
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`)
  return answer.value
}
