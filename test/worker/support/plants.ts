/** Rows that no operation makes by itself, put into the database as the gateway would have. */
import { evictDurableObject } from 'cloudflare:test'
import { openDatabase } from '../../../src/db/database.ts'
import { saveNote } from '../../../src/db/memory.ts'
import { insertTraces } from '../../../src/db/traces.ts'
import type { AgentId, TenantId, UserId } from '../../../src/domain/ids.ts'
import { tenantObjectName } from '../../../src/domain/object-name.ts'
import { traceIdOf } from '../../../src/telemetry/trace.ts'
import { bindings } from './gateway.ts'

export interface Planted {
  readonly id: string
  readonly said: string
  readonly by: string
}

const IN_AN_HOUR = (): number => Date.now() + 3_600_000

export async function plantApproval(tenantId: string, { id, said, by }: Planted): Promise<string> {
  await bindings.DB.prepare(
    `INSERT INTO approvals (id, tenant_id, agent_id, agent_key, session_key, run_id, call_id, tool,
       arguments, cwd, env_names, access, network, policy_version, manifest_root, reason,
       binding_hash, status, requested_by, session_owner, created_at, expires_at)
     VALUES (?, ?, 'agt_1', 'main', 'agent:main:ws:direct:1', 'run_1', ?, 'exec', ?, '', '[]', 'rw',
       'none', '1', '', 'autonomy', 'hash', 'pending', ?, ?, ?, ?)`,
  )
    .bind(
      id,
      tenantId,
      id,
      JSON.stringify({ command: `echo ${said}` }),
      by,
      by,
      Date.now(),
      IN_AN_HOUR(),
    )
    .run()
  return id
}

export async function plantInvitation(
  tenantId: string,
  { id, said, by }: Planted,
): Promise<string> {
  await bindings.DB.prepare(
    `INSERT INTO invitations (id, tenant_id, token_hash, role, note, created_by, expires_at, created_at)
     VALUES (?, ?, ?, 'admin', ?, ?, ?, ?)`,
  )
    .bind(id, tenantId, `hash of ${id}`, said, by, IN_AN_HOUR(), Date.now())
    .run()
  return id
}

export async function plantStanding(tenantId: string, { id, said, by }: Planted): Promise<string> {
  await bindings.DB.prepare(
    `INSERT INTO standing_approvals (id, tenant_id, agent_key, tool, argv, cwd, match_hash,
       created_by, created_at, expires_at)
     VALUES (?, ?, 'main', 'exec', ?, '', ?, ?, ?, ?)`,
  )
    .bind(id, tenantId, JSON.stringify(['echo', said]), id, by, Date.now(), IN_AN_HOUR())
    .run()
  return id
}

export async function plantLogin(
  tenantId: string,
  issuerId: string,
  { id, said, by }: Planted,
): Promise<string> {
  await bindings.DB.prepare(
    `INSERT INTO login_sessions (id, tenant_id, token_hash, issuer_id, user_id, role, address,
       user_agent, expires_at, created_at)
     VALUES (?, ?, ?, ?, ?, 'viewer', '', ?, ?, ?)`,
  )
    .bind(id, tenantId, id, issuerId, by, said, IN_AN_HOUR(), Date.now())
    .run()
  return id
}

const PLANT_PAIRING = `INSERT INTO pairings (id, tenant_id, kind, channel, sender_id, code,
    token_hash, token_expires_at, status, user_id, created_at, expires_at)
  VALUES (?, ?, 'device', 'browser', ?, ?, ?, ?, ?, ?, ?, ?)`

let planted = 0

/** Answers the code. */
export async function plantPairing(tenantId: string, senderId: string): Promise<string> {
  const n = String(++planted)
  const code = `PLANT${n.padStart(3, '0')}`.replaceAll('0', '9').replaceAll('1', 'A')
  await bindings.DB.prepare(PLANT_PAIRING)
    .bind(
      `par_${senderId}`,
      tenantId,
      senderId,
      code,
      null,
      null,
      'pending',
      null,
      Date.now(),
      IN_AN_HOUR(),
    )
    .run()
  return code
}

/** Somebody who writes in a channel, and asks to be let in or was. Answers the code, too. */
export async function plantChannelSender(
  tenantId: string,
  instanceId: string,
  senderId: string,
  status: 'pending' | 'approved',
): Promise<{ readonly sender: string; readonly code: string }> {
  const code = `CHANNEL${String.fromCharCode(65 + (planted++ % 24))}`
  await bindings.DB.prepare(
    `INSERT INTO pairings (id, tenant_id, kind, channel, instance_id, sender_id, code, status,
       created_at, expires_at) VALUES (?, ?, 'channel', 'webhook', ?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      `prg_${senderId}`,
      tenantId,
      instanceId,
      senderId,
      status === 'pending' ? code : null,
      status,
      Date.now(),
      IN_AN_HOUR(),
    )
    .run()
  return { sender: senderId, code }
}

/** Answers the sender's name. */
export async function plantDevice(tenantId: string, senderId: string): Promise<string> {
  const [hash, userId, until] = [`hash ${tenantId} ${senderId}`, `device:${senderId}`, IN_AN_HOUR()]
  await bindings.DB.prepare(PLANT_PAIRING)
    .bind(
      `dev_${senderId}`,
      tenantId,
      senderId,
      null,
      hash,
      until,
      'approved',
      userId,
      Date.now(),
      until,
    )
    .run()
  return senderId
}

export async function plantPackages(
  tenantId: string,
  agentId: string,
  packages: readonly object[],
): Promise<void> {
  await bindings.DB.batch([
    bindings.DB.prepare('UPDATE agents SET packages = ? WHERE tenant_id = ? AND id = ?').bind(
      JSON.stringify(packages),
      tenantId,
      agentId,
    ),
    bindings.DB.prepare('UPDATE tenants SET version = version + 1 WHERE id = ?').bind(tenantId),
  ])
  await evictDurableObject(bindings.TENANTS.getByName(tenantObjectName(tenantId as TenantId)))
}

/** A note that an agent made of somebody. Answers its id. */
export async function plantNote(
  tenantId: string,
  agentId: string,
  { id, said, by }: Planted,
): Promise<string> {
  await saveNote(
    openDatabase(bindings.DB),
    tenantId as TenantId,
    { agentId: agentId as AgentId, userId: by as UserId },
    { noteId: id, title: '', text: said, isUntrusted: false },
    Date.now(),
  )
  return id
}

export async function plantTrace(tenantId: string, { id, said, by }: Planted): Promise<string> {
  const traceId = traceIdOf(id)
  const trace = {
    traceId,
    runId: id,
    userId: by,
    agentKey: 'default',
    sessionKey: `agent:default:ws:direct:${said}`,
    status: 'ok' as const,
    startedAt: Date.now(),
    endedAt: Date.now(),
    expiresAt: IN_AN_HOUR(),
    spans: [],
    dropped: 0,
  }
  await insertTraces(openDatabase(bindings.DB), tenantId as TenantId, [trace], Date.now())
  return traceId
}
