/** Opens the doors to storage and objects for one isolate or object; the composition's only adapter. */

import type { Services } from '../api/context.ts'
import type { KeyRing } from '../crypto/keys.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { DEFAULT_TENANT } from '../domain/ids.ts'
import type { Fetch } from '../domain/model.ts'
import {
  addressShardName,
  inboxObjectName,
  limiterObjectName,
  sessionObjectName,
  tenantObjectName,
  workspaceObjectName,
} from '../domain/object-name.ts'
import type { ConnectionPort } from '../domain/ports/connection.ts'
import type { InboxPort } from '../domain/ports/inbox.ts'
import type { LimiterPort } from '../domain/ports/limiter.ts'
import type { PlatformPort } from '../domain/ports/platform.ts'
import type { SessionPort } from '../domain/ports/session.ts'
import type { TenantPort } from '../domain/ports/tenant.ts'
import type { Erasable, ExportableSession, TenantEndPort } from '../domain/ports/tenant-end.ts'
import type { WorkspaceListing, WorkspaceSource } from '../domain/ports/workspace.ts'
import { logError } from '../telemetry/log.ts'
import type { Env } from './env.ts'
import { ManifestMemory, rememberedWorkspace } from './remembered-workspace.ts'

/** Whoever can keep work alive after the answer: a request's or an object's context. */
export interface Lifetime {
  waitUntil(work: Promise<unknown>): void
}

/** To the operator's own runners, which stand outside the egress guard; never to a tenant's address. */
export const runnerFetch: Fetch = (input, init) => fetch(input, init)

/**
 * A stub's methods answer promises of exactly the port's values (plain data and byte streams), but
 * its mapped type is too deep for the compiler to see that; this is the one place that says so.
 */
const asPort = <Port>(stub: unknown): Port => stub as Port

/** Of the isolate. */
const manifests = new ManifestMemory()

export function createServices(env: Env, keyRing: KeyRing, lifetime: Lifetime): Services {
  let opened: Database | null = null
  // Most requests need none: what they know is proven by an object.
  const database = (): Database => {
    opened ??= openDatabase(env.DB)
    return opened
  }
  return {
    database,
    directory: database,
    tenant: (tenantId) => asPort<TenantPort>(env.TENANTS.getByName(tenantObjectName(tenantId))),
    session: (tenantId, key) =>
      asPort<SessionPort>(env.SESSIONS.getByName(sessionObjectName(tenantId, key))),
    workspace: (tenantId, agentId, userId) => {
      const name = workspaceObjectName(tenantId, agentId, userId)
      const source = asPort<WorkspaceSource>(env.WORKSPACES.getByName(name))
      return rememberedWorkspace(source, name, manifests)
    },
    workspaceListing: (tenantId, agentId, userId) =>
      asPort<WorkspaceListing>(
        env.WORKSPACES.getByName(workspaceObjectName(tenantId, agentId, userId)),
      ),
    userLimiter: (tenantId, userId) =>
      asPort<LimiterPort>(env.LIMITERS.getByName(limiterObjectName(tenantId, userId))),
    addressLimiter: (address) =>
      asPort<LimiterPort>(env.LIMITERS.getByName(addressShardName(address))),
    connection: (id) =>
      asPort<ConnectionPort>(env.CONNECTIONS.get(env.CONNECTIONS.idFromString(id))),
    inbox: (tenantId, instanceId) =>
      asPort<InboxPort>(env.INBOXES.getByName(inboxObjectName(tenantId, instanceId))),
    inboxEnd: (tenantId, instanceId) =>
      asPort<Erasable>(env.INBOXES.getByName(inboxObjectName(tenantId, instanceId))),
    tenantEnd: (tenantId) =>
      asPort<TenantEndPort>(env.TENANTS.getByName(tenantObjectName(tenantId))),
    exportableSession: (tenantId, key) =>
      asPort<ExportableSession>(env.SESSIONS.getByName(sessionObjectName(tenantId, key))),
    platform: () => asPort<PlatformPort>(env.TENANTS.getByName(tenantObjectName(DEFAULT_TENANT))),
    keyRing,
    now: () => Date.now(),
    inBackground: (work) =>
      lifetime.waitUntil(work.catch((error: unknown) => logError('background.failed', error))),
  }
}
