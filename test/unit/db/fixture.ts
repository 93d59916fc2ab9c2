/** A migrated database with one tenant beside the default one, as new for every test. */
import { getTableName } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Database, openDatabase } from '../../../src/db/database.ts'
import { createTenant } from '../../../src/db/tenants.ts'
import { readVersions } from '../../../src/db/versions.ts'
import type { AgentId, ProviderId, TenantId, UserId } from '../../../src/domain/ids.ts'
import { type D1Host, seedStatements, startD1, type TestDatabase } from '../../support/d1.ts'
import { TABLES } from './isolation/stores.ts'

export const NOW = 1_700_000_000_000
export const TENANT = 'ten_acme' as TenantId
export const DEFAULT_TENANT = 'ten_default' as TenantId
export const ABSENT_TENANT = 'ten_absent' as TenantId
export const OWNER = 'olga' as UserId
export const FIRST_AGENT = 'agt_first' as AgentId
export const FIRST_PROVIDER = 'prv_first' as ProviderId

export interface Fixture {
  d1: TestDatabase
  db: Database
}

export const newTenant = {
  name: 'Acme',
  slug: 'acme',
  agentId: FIRST_AGENT,
  providerId: FIRST_PROVIDER,
  createdBy: OWNER,
  ownerId: OWNER,
}

/** Call at the top of a test file; the object's fields are those of the running test. */
export function useDatabase(): Fixture {
  const fixture = {} as Fixture
  let host: D1Host
  beforeAll(async () => {
    host = await startD1(1)
    fixture.d1 = await host.freshDatabase()
    fixture.db = openDatabase(fixture.d1)
  })
  afterAll(() => host.dispose())
  beforeEach(async () => {
    // Emptying the tables is five times faster than creating them anew.
    const statements = [
      ...TABLES.map((table) => `delete from "${getTableName(table)}"`),
      ...seedStatements(),
    ]
    await fixture.d1.batch(statements.map((statement) => fixture.d1.prepare(statement)))
    await createTenant(fixture.db, TENANT, newTenant, NOW)
  })
  return fixture
}

/** By how much the tenant's version and authVersion rose during the action. */
export async function risen(
  db: Database,
  action: () => Promise<unknown>,
): Promise<{ version: number; authVersion: number }> {
  const before = await readVersions(db, TENANT)
  await action()
  const after = await readVersions(db, TENANT)
  return {
    version: (after?.version ?? 0) - (before?.version ?? 0),
    authVersion: (after?.authVersion ?? 0) - (before?.authVersion ?? 0),
  }
}
