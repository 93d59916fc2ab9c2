/** Which agents may call a registered binary; a grant can only narrow what the binary allows. */
import { z } from 'zod'
import { grantBinary, listGrants, revokeGrant } from '../db/secure-cli.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { namedBinary, patterns, reference } from './secure-cli.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const grantRow = z.object({
  agent_id: z.string(),
  deny_args: z.array(z.string()),
  granted_by: z.string(),
})

export const secureCliGrantsList = operation({
  name: 'secure_cli.grants.list',
  summary: 'The agents that may call a binary',
  access: ADMIN,
  params: z.object(reference),
  result: z.object({ grants: z.array(grantRow) }),
  http: { method: 'GET', path: '/v1/secure-cli/{id}/grants' },
  run: async ({ services, principal, snapshot }, params) => {
    const found = namedBinary(snapshot, params.id)
    if (!found.ok) return found
    const { tenantId } = principal
    const grants = await listGrants(services.database(tenantId), tenantId, found.value.id)
    return ok({
      grants: grants.map(({ agentId, denyArgs, grantedBy }) => ({
        agent_id: agentId,
        deny_args: denyArgs,
        granted_by: grantedBy,
      })),
    })
  },
})

const grantReference = { ...reference, agent_id: z.string().max(100) }

function namedGrant(snapshot: TenantSnapshot, named: { id: string; agent_id: string }) {
  const binary = namedBinary(snapshot, named.id)
  if (!binary.ok) return binary
  const agent = findAgent(snapshot, named.agent_id)
  return agent ? ok({ binaryId: binary.value.id, agentId: agent.id }) : err(notFound('agent'))
}

export const secureCliGrant = operation({
  name: 'secure_cli.grants.grant',
  summary: 'Lets an agent call a binary, with further arguments denied if so wished',
  access: ADMIN,
  params: z.object({ ...grantReference, deny_args: patterns.default([]) }),
  result: grantRow,
  http: { method: 'PUT', path: '/v1/secure-cli/{id}/grants/{agent_id}' },
  audit: ({ id, agent_id }) => ({ binary: id, agent: agent_id }),
  run: async ({ services, principal, snapshot, catalog }, params) => {
    const named = namedGrant(snapshot, params)
    if (!named.ok) return named
    const denyArgs = params.deny_args
    const room = checkSnapshotRoom(snapshot, denyArgs)
    if (!room.ok) return room
    const fault = catalog.checkArgumentPatterns(denyArgs)
    if (!fault.ok) return err(refusal('INVALID_REQUEST', `deny_args: ${fault.error}`))
    const { tenantId, userId } = principal
    const grant = { ...named.value, denyArgs, grantedBy: userId }
    const granted = await changeTenant(services, tenantId, () =>
      grantBinary(services.database(tenantId), tenantId, grant, services.now()),
    )
    if (!granted.ok) return err(notFound('binary or agent'))
    return ok({ agent_id: grant.agentId, deny_args: denyArgs, granted_by: userId })
  },
})

export const secureCliRevoke = operation({
  name: 'secure_cli.grants.revoke',
  summary: 'Takes a binary from an agent',
  access: ADMIN,
  params: z.object(grantReference),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/secure-cli/{id}/grants/{agent_id}' },
  audit: ({ id, agent_id }) => ({ binary: id, agent: agent_id }),
  run: async ({ services, principal, snapshot }, params) => {
    const named = namedGrant(snapshot, params)
    if (!named.ok) return named
    const { binaryId, agentId } = named.value
    const { tenantId } = principal
    const revoked = await changeTenant(services, tenantId, () =>
      revokeGrant(services.database(tenantId), tenantId, binaryId, agentId),
    )
    return revoked.ok ? ok({ ok: true as const }) : err(notFound('grant'))
  },
})
