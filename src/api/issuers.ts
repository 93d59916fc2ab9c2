/**
 * Parties that vouch for people of the tenant: whoever writes one can become anybody it vouches for, so
 * only owners do, and no API key. Admins close what is open. An issuer's keys come from its own document
 * or from beneath its own address: nobody speaks for a foreign one with keys of their own.
 */
import { z } from 'zod'
import { sealClientSecret } from '../crypto/issuer-secret.ts'
import { newId } from '../crypto/random.ts'
import {
  countIssuers,
  createIssuer,
  deleteIssuer,
  findIssuerGrant,
  listIssuers,
  MAX_ISSUERS,
  updateIssuer,
} from '../db/jwt-issuers.ts'
import { locatorOf } from '../domain/ids.ts'
import { ISSUER_KINDS, type IssuerRecord } from '../domain/issuer.ts'
import { hasRole } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN, OWNER } from './access.ts'
import type { OperationContext } from './context.ts'
import { fields, issuerRow, rowOf } from './issuer-fields.ts'
import { operation } from './operation.ts'
import { changedKey, checkPrivateNetwork } from './provider-fields.ts'
import { changeTenant } from './tenant-change.ts'

/** One sentence for all that may be wrong with it, another tenant's earlier claim included. */
const NOT_ACCEPTED = refusal(
  'INVALID_REQUEST',
  'this issuer is not accepted: check issuer, audience and jwks_url',
)

export const issuersList = operation({
  name: 'issuers.list',
  summary: 'The issuers whose tokens and sign-ins the tenant accepts',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ issuers: z.array(issuerRow) }),
  http: { method: 'GET', path: '/v1/issuers' },
  run: async ({ services, principal: { tenantId } }) =>
    ok({ issuers: (await listIssuers(services.database(tenantId), tenantId)).map(rowOf) }),
})

type Judged = Omit<IssuerRecord, 'createdAt' | 'updatedAt'>

/** Whether this caller may write the row as it shall be. */
function checkRights(context: OperationContext, record: Judged): Result<null, Refusal> {
  // A key is never worth an owner; said here too, for the day that one is.
  const isOwner = hasRole(context.principal, 'owner')
  if (!isOwner || context.principal.credential.kind === 'api_key') {
    return err(refusal('UNAUTHORIZED', 'only an owner, in person, may say who vouches for people'))
  }
  return checkPrivateNetwork(context, record)
}

/**
 * Whether a key set at this address is the issuer's own. On an origin that many share, others put
 * files beside it: so it must be beneath the issuer's own path; and where that is the whole origin,
 * among the names that nobody's content has (RFC 8615).
 */
export function isBeneathIssuer(named: string, issuer: string): boolean {
  const keys = new URL(named)
  const own = new URL(issuer)
  if (keys.origin !== own.origin || keys.username !== '' || keys.password !== '') return false
  // What a server may read as another path, or as the name of a file of somebody's.
  if (/[%\\]/.test(keys.pathname) || keys.search !== '' || keys.hash !== '') return false
  let end = own.pathname.length
  while (own.pathname[end - 1] === '/') end -= 1
  const path = own.pathname.slice(0, end)
  return keys.pathname.startsWith(path === '' ? '/.well-known/' : `${path}/`)
}

/** The address of its keys: Access has a fixed one; else discovered, or given beneath the issuer's own. */
async function keySetOf(
  { issuers }: OperationContext,
  record: Judged,
  given: string | null,
): Promise<Result<string, Refusal>> {
  if (!issuers.checkAddress(record.issuer, record).ok) return err(NOT_ACCEPTED)
  const { kind, issuer } = record
  const fixed = new URL('/cdn-cgi/access/certs', issuer).href
  const isFixed = kind === 'cloudflare_access' && (given ?? fixed) === fixed
  if (isFixed) return issuers.checkAddress(fixed, record).ok ? ok(fixed) : err(NOT_ACCEPTED)
  if (given !== null && isBeneathIssuer(given, issuer)) {
    return issuers.checkAddress(given, record).ok ? ok(given) : err(NOT_ACCEPTED)
  }
  const found = await issuers.discover(record)
  if (!found.ok || (given !== null && given !== found.value.jwksUrl)) return err(NOT_ACCEPTED)
  return ok(found.value.jwksUrl)
}

export const issuersCreate = operation({
  name: 'issuers.create',
  summary: 'Accepts the tokens of an issuer; with a client id people can sign in through it',
  access: OWNER,
  audit: (params, { id }) => ({ id, issuer: params.issuer, audience: params.audience }),
  params: z.object({
    ...fields,
    kind: z.enum(ISSUER_KINDS).default('oidc'),
    jwks_url: fields.jwks_url.nullish(),
    algorithms: fields.algorithms.default(['RS256', 'ES256']),
    provision_role: fields.provision_role.default(null),
    role_mapping: fields.role_mapping.default(null),
    proves_owners: fields.proves_owners.default(false),
    client_id: fields.client_id.default(null),
    sign_in_origin: fields.sign_in_origin.default(null),
    client_secret: fields.client_secret.default(''),
    allow_private_network: fields.allow_private_network.default(false),
    enabled: fields.enabled.default(true),
  }),
  result: issuerRow,
  http: { method: 'POST', path: '/v1/issuers', status: 201 },
  run: async (context, params) => {
    const { services, principal } = context
    const { tenantId } = principal
    const db = services.database(tenantId)
    const id = `${newId('iss')}${locatorOf(tenantId)}`
    const record: Judged = {
      id,
      name: params.name,
      kind: params.kind,
      issuer: params.issuer,
      audience: params.audience,
      jwksUrl: '',
      algorithms: params.algorithms,
      provisionRole: params.provision_role,
      roleMapping: params.role_mapping,
      provesOwners: params.proves_owners,
      clientId: params.client_id,
      signInOrigin: params.sign_in_origin,
      sealedClientSecret:
        params.client_secret === ''
          ? null
          : await sealClientSecret(services.keyRing, tenantId, id, params.client_secret),
      allowPrivateNetwork: params.allow_private_network,
      enabled: params.enabled,
    }
    const allowed = checkRights(context, record)
    if (!allowed.ok) return allowed
    if ((await countIssuers(db, tenantId)) >= MAX_ISSUERS) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_ISSUERS} issuers`))
    }
    const jwksUrl = await keySetOf(context, record, params.jwks_url ?? null)
    if (!jwksUrl.ok) return jwksUrl
    const created = await changeTenant(services, tenantId, () =>
      createIssuer(db, tenantId, { ...record, jwksUrl: jwksUrl.value }, services.now()),
    )
    return created.ok ? ok(rowOf(created.value)) : err(NOT_ACCEPTED)
  },
})

const reference = { id: z.string().max(100) }

export const issuersUpdate = operation({
  name: 'issuers.update',
  summary:
    'Changes an issuer: what came in through it signs in anew, and another address erases its secret',
  access: ADMIN,
  audit: ({ id }) => ({ id }),
  params: z.object({ ...z.object(fields).partial().shape, ...reference }),
  result: issuerRow,
  http: { method: 'PATCH', path: '/v1/issuers/{id}' },
  run: async (context, params) => {
    const { services, principal } = context
    const { tenantId } = principal
    const db = services.database(tenantId)
    const grant = await findIssuerGrant(db, tenantId, params.id)
    if (!grant) return err(notFound('issuer'))
    const { issuer: known } = grant
    const record: Judged = {
      ...known,
      name: params.name ?? known.name,
      issuer: params.issuer ?? known.issuer,
      audience: params.audience ?? known.audience,
      algorithms: params.algorithms ?? known.algorithms,
      provisionRole:
        params.provision_role === undefined ? known.provisionRole : params.provision_role,
      roleMapping: params.role_mapping === undefined ? known.roleMapping : params.role_mapping,
      provesOwners: params.proves_owners ?? known.provesOwners,
      clientId: params.client_id === undefined ? known.clientId : params.client_id,
      signInOrigin:
        params.sign_in_origin === undefined ? known.signInOrigin : params.sign_in_origin,
      allowPrivateNetwork: params.allow_private_network ?? known.allowPrivateNetwork,
      enabled: params.enabled ?? known.enabled,
    }
    // To close a door takes no more than being its admin.
    const isClosing = params.enabled === false && Object.keys(given(params)).length === 1
    if (!isClosing) {
      const allowed = checkRights(context, record)
      if (!allowed.ok) return allowed
    }
    const isMoved = record.issuer !== known.issuer || params.jwks_url !== undefined
    const jwksUrl = isMoved
      ? await keySetOf(context, record, params.jwks_url ?? null)
      : ok(known.jwksUrl)
    if (!jwksUrl.ok) return jwksUrl
    const sealedClientSecret = await changedKey(params.client_secret, (secret) =>
      sealClientSecret(services.keyRing, tenantId, params.id, secret),
    )
    const { id: _, kind: __, sealedClientSecret: ___, ...judged } = record
    const updated = await changeTenant(services, tenantId, () =>
      updateIssuer(
        db,
        tenantId,
        params.id,
        {
          ...judged,
          jwksUrl: jwksUrl.value,
          ...(sealedClientSecret === undefined ? {} : { sealedClientSecret }),
        },
        services.now(),
      ),
    )
    if (updated.ok) return ok(rowOf(updated.value))
    return err(updated.error === 'taken' ? NOT_ACCEPTED : notFound('issuer'))
  },
})

/** What the caller set, beside the id. */
const given = (params: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(params).filter(([name, value]) => name in fields && value !== undefined),
  )

export const issuersDelete = operation({
  name: 'issuers.delete',
  summary: 'Deletes an issuer: whoever came in through it is out',
  access: ADMIN,
  audit: ({ id }) => ({ id }),
  params: z.object(reference),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/issuers/{id}' },
  run: async ({ services, principal: { tenantId } }, { id }) => {
    const db = services.database(tenantId)
    if (!(await findIssuerGrant(db, tenantId, id))) return err(notFound('issuer'))
    const deleted = await changeTenant(services, tenantId, () => deleteIssuer(db, tenantId, id))
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('issuer'))
  },
})

export const issuersTest = operation({
  name: 'issuers.test',
  summary: 'Asks an issuer, as its row stands, for its document and keys',
  access: ADMIN,
  params: z.object(reference),
  result: z.object({
    ok: z.boolean(),
    keys: z.number(),
    can_sign_in: z.boolean(),
    problem: z.string().nullable(),
  }),
  http: { method: 'POST', path: '/v1/issuers/{id}/test' },
  run: async ({ services, issuers, principal: { tenantId } }, { id }) => {
    const grant = await findIssuerGrant(services.database(tenantId), tenantId, id)
    if (!grant) return err(notFound('issuer'))
    const { issuer } = grant
    const keys = await issuers.countKeys(issuer)
    const document = issuer.kind === 'oidc' ? await issuers.discover(issuer) : null
    const needsDocument = issuer.clientId !== null && document?.ok === false
    const problem = !keys.ok ? keys.error : needsDocument ? document.error : null
    return ok({
      ok: problem === null && keys.ok && keys.value > 0,
      keys: keys.ok ? keys.value : 0,
      can_sign_in: issuer.clientId !== null && document?.ok === true && document.value.canSignIn,
      problem,
    })
  },
})
