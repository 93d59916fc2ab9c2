/** The `connect` method of `/ws`: version, credential, and what the client is told of itself. */
import { z } from 'zod'
import type { Services } from '../api/context.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { PROTOCOL_VERSION } from '../protocol/frames.ts'
import { parseToken } from '../transport/credential.ts'
import { eventOfRefusal } from '../transport/refusal.ts'
import { type Authenticated, authenticate, recheckPrincipal } from './authenticate.ts'
import { reportAnonymously } from './emit.ts'
import type { Settings } from './env.ts'
import type { UpgradeFacts } from './internal-request.ts'
import { offerPairing, type PairingOffer } from './pairing.ts'
import { ofTransport } from './wire.ts'

const connectParamsSchema = z.object({
  token: z.string().max(16_384).nullish(),
  user_id: z.string().max(255).nullish(),
  sender_id: z.string().max(255).nullish(),
  pairing_secret: z.string().max(255).nullish(),
  locale: z.string().max(100).nullish(),
  tenant_hint: z.string().max(255).nullish(),
  tenant_id: z.string().max(255).nullish(),
  protocolVersion: z.number().int().nullish(),
  minProtocol: z.number().int().nullish(),
  maxProtocol: z.number().int().nullish(),
})

export interface Connected extends Authenticated {
  readonly kind: 'connected'
  readonly payload: Record<string, unknown>
}

/** Nobody is known yet: the browser is to be let in by an admin first. */
export interface Awaiting extends PairingOffer {
  readonly kind: 'awaiting_pairing'
}

export async function connect(
  params: unknown,
  facts: UpgradeFacts,
  services: Services,
  settings: Settings,
): Promise<Result<Connected | Awaiting, Refusal>> {
  const parsed = connectParamsSchema.safeParse(params)
  if (!parsed.success) {
    return err(
      refusal('INVALID_REQUEST', `connect: ${parsed.error.issues[0]?.path.join('.')} is not valid`),
    )
  }
  const wanted = parsed.data
  if (!speaksOurs(wanted)) {
    return err({
      ...refusal('INVALID_REQUEST', `this gateway speaks protocol ${PROTOCOL_VERSION}`),
      details: { minProtocol: PROTOCOL_VERSION, maxProtocol: PROTOCOL_VERSION },
    })
  }
  // Who came with a ticket was known at the upgrade, and is asked about once more: a while may lie between.
  if (!wanted.token && facts.principal !== null) {
    const checked = await recheckPrincipal(facts.principal, services, settings)
    return checked.ok
      ? ok({
          kind: 'connected',
          ...checked.value,
          payload: welcome(checked.value, settings),
        })
      : checked
  }
  const token = wanted.token ? parseToken(wanted.token) : null
  const presented = token === null ? { kind: 'none' as const } : token.ok ? token.value : null
  const tenant = wanted.tenant_id ?? wanted.tenant_hint ?? undefined
  if (presented?.kind === 'none') {
    const wish = {
      senderId: wanted.sender_id ?? undefined,
      secret: wanted.pairing_secret ?? undefined,
      tenant,
    }
    const offered = await offerPairing(wish, facts, services, settings)
    if (offered) return offered.ok ? ok({ kind: 'awaiting_pairing', ...offered.value }) : offered
  }
  const authenticated =
    presented === null
      ? err({ kind: 'credential_malformed' as const, reason: 'connect token' })
      : await authenticate(
          presented,
          {
            userId: wanted.user_id ?? undefined,
            tenant,
            senderId: wanted.sender_id ?? undefined,
          },
          facts,
          services,
          settings,
        )
  if (!authenticated.ok) {
    const event = eventOfRefusal(authenticated.error, facts.clientAddress)
    if (event) reportAnonymously(event)
    return err(ofTransport(authenticated.error).refusal)
  }
  return ok({
    kind: 'connected',
    ...authenticated.value,
    payload: welcome(authenticated.value, settings),
  })
}

type Versions = z.infer<typeof connectParamsSchema>

/** A client that names no version is taken at its word: v3 is all there is. */
function speaksOurs({ protocolVersion, minProtocol, maxProtocol }: Versions): boolean {
  if (minProtocol != null || maxProtocol != null) {
    return (
      (minProtocol ?? 0) <= PROTOCOL_VERSION &&
      PROTOCOL_VERSION <= (maxProtocol ?? PROTOCOL_VERSION)
    )
  }
  return protocolVersion == null || protocolVersion === PROTOCOL_VERSION
}

const welcome = ({ principal, snapshot }: Authenticated, settings: Settings) => ({
  protocol: PROTOCOL_VERSION,
  role: principal.role,
  scopes: principal.scopes,
  user_id: principal.userId,
  tenant_id: snapshot.tenantId,
  tenant_name: snapshot.name,
  tenant_slug: snapshot.slug,
  is_owner: principal.role === 'owner',
  is_master_scope: principal.isMasterScope,
  edition: 'standard',
  server: { name: 'edgeclaw', version: settings.version },
})
