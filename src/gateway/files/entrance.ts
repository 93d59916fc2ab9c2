/** The way in to files: a credential in the header, or a signed link that names one. */

import type { Wanted } from '../../api/whose-workspace.ts'
import { type FileGrant, openFileLink } from '../../crypto/file-link.ts'
import type { Principal } from '../../domain/principal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { authorize, type RequiringOperation } from '../../transport/authorize.ts'
import { type Authenticated, recheckPrincipal } from '../authenticate.ts'
import { type AppContext, authenticateHttp, turnAway } from '../door.ts'
import { ratePerRequest } from '../operation-rate.ts'

/** No tenant's `authVersion`: the credential behind a link is looked up at every use. */
const NEVER = -1

export interface Entered extends Authenticated {
  readonly wanted: Wanted
}

/** Proves who asks, whether they may, and draws on the operations bucket. */
export async function enterFiles(
  c: AppContext,
  operation: RequiringOperation,
): Promise<Result<Entered, Response>> {
  const proven = await authenticateHttp(c)
  if (!proven.ok) return err(turnAway(c, proven.error))
  const wanted = {
    agent: c.req.query('agentId') ?? c.req.header('x-edgeclaw-agent-id'),
    user: c.req.query('user'),
  }
  return passed(c, operation, proven.value, wanted)
}

/** The link says whose file it is; what else the request names is not heard. */
export async function enterByLink(
  c: AppContext,
  operation: RequiringOperation,
  link: string,
  path: string,
): Promise<Result<Entered, Response>> {
  const { services, admitted, runtime } = c.get('door')
  if (admitted.credential.kind !== 'none') {
    const reason = 'more than one credential'
    return err(turnAway(c, { kind: 'credential_malformed', reason }))
  }
  const target = { method: 'GET', path } as const
  const grant = await openFileLink(services.keyRing, link, target, services.now())
  if (!grant) return err(turnAway(c, { kind: 'credential_rejected', credentialKind: 'file_link' }))
  const holder = holderOf(grant, admitted.clientAddress)
  const checked = await recheckPrincipal(holder, services, runtime.settings)
  if (!checked.ok)
    return err(turnAway(c, { kind: 'credential_rejected', credentialKind: 'file_link' }))
  const wanted = { agent: grant.agentId, user: grant.userId }
  return passed(c, operation, checked.value, wanted)
}

/** With no rights of its own: what the credential is worth is for the look-up to say. */
const holderOf = ({ tenantId, holder }: FileGrant, clientAddress: string): Principal => ({
  ...holder,
  tenantId,
  role: 'viewer',
  scopes: [],
  authVersion: NEVER,
  clientAddress,
  channel: null,
})

async function passed(
  c: AppContext,
  operation: RequiringOperation,
  authenticated: Authenticated,
  wanted: Wanted,
): Promise<Result<Entered, Response>> {
  const { principal } = authenticated
  const limited = await ratePerRequest(c.get('door').services, principal).take()
  if (!limited.ok) return err(turnAway(c, limited.error, principal))
  const allowed = authorize(principal, operation)
  if (!allowed.ok) return err(turnAway(c, allowed.error, principal))
  return ok({ ...authenticated, wanted })
}
