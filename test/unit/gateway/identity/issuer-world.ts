/** A tenant that trusts a real issuer on loopback, as the platform's operator let it. */
import { afterEach } from 'vitest'
import { newId } from '../../../../src/crypto/random.ts'
import { createIssuer, type NewIssuer } from '../../../../src/db/jwt-issuers.ts'
import { locatorOf, type TenantId } from '../../../../src/domain/ids.ts'
import type { IssuerRecord } from '../../../../src/domain/issuer.ts'
import type { Role } from '../../../../src/domain/principal.ts'
import { authenticate } from '../../../../src/gateway/authenticate.ts'
import { AUDIENCE, type OidcIssuer, startOidcIssuer } from '../../../support/oidc-issuer.ts'
import { ADDRESS, bearer, NOW, newTenant, openWorld, settings, type World } from '../world.ts'

export const SECONDS = NOW / 1_000
export const FACTS = { clientAddress: ADDRESS, isDevelopment: false }

const started: OidcIssuer[] = []
afterEach(async () => {
  for (const issuer of started.splice(0)) await issuer.close()
})

export interface Trusting {
  readonly world: World
  readonly issuer: OidcIssuer
  readonly tenantId: TenantId
  readonly row: IssuerRecord
  prove(token: string): ReturnType<typeof authenticate>
}

export const trust = async (
  world: World,
  tenantId: TenantId,
  issuer: Pick<OidcIssuer, 'url' | 'jwksUrl'>,
  fields: Partial<NewIssuer> = {},
): Promise<IssuerRecord> => {
  const created = await createIssuer(
    world.db,
    tenantId,
    {
      id: `${newId('iss')}${locatorOf(tenantId)}`,
      name: 'Staff',
      kind: 'oidc',
      issuer: issuer.url,
      audience: AUDIENCE,
      jwksUrl: issuer.jwksUrl,
      algorithms: ['RS256', 'ES256'],
      provisionRole: 'viewer',
      roleMapping: null,
      provesOwners: false,
      clientId: null,
      signInOrigin: null,
      sealedClientSecret: null,
      allowPrivateNetwork: true,
      enabled: true,
      ...fields,
    },
    world.clock,
  )
  if (!created.ok) throw new Error(created.error)
  return created.value
}

export async function openTrusting(
  fields: Partial<NewIssuer> = {},
  members: Readonly<Record<string, Role>> = {},
): Promise<Trusting> {
  const world = openWorld()
  const issuer = await startOidcIssuer(() => world.clock / 1_000)
  started.push(issuer)
  const named = Object.fromEntries(
    Object.entries(members).map(([sub, role]) => [`oidc:${issuer.url}:${sub}`, role]),
  )
  const tenantId = await newTenant(world, named)
  const row = await trust(world, tenantId, issuer, fields)
  const prove: Trusting['prove'] = (token) =>
    authenticate(bearer(token), {}, FACTS, world.services, settings())
  return { world, issuer, tenantId, row, prove }
}
