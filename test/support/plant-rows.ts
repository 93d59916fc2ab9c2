/**
 * One row in every table of a tenant, made out of the schema: what a table is for is not known here,
 * so a table that is added tomorrow is planted as well. What no export may tell holds `secret`.
 */
import { isSecretColumn, TENANT_TABLES, type WalkedColumn } from '../../src/db/schema-walk.ts'

export interface Planting {
  readonly tenantId: string
  /** Stands in every column of text that an export tells. */
  readonly canary: string
  /** Stands in every column that none tells. */
  readonly secret: string
  /** Tables that hold rows of their own already. */
  readonly except?: readonly string[]
}

export interface InsertStatement {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** Read with the tenant's snapshot, by a shape of their own: their rows' other columns hold the canary. */
const SHAPED: ReadonlyMap<string, string> = new Map([
  ['mcp_servers.tools', '[]'],
  ['custom_tools.parameters', '{}'],
  ['custom_tools.request', 'null'],
  ['run_hooks.events', '[]'],
  ['channel_instances.config', '{}'],
  ['channel_instances.bot', 'null'],
])

function plantedValue(table: string, { name, column }: WalkedColumn, planting: Planting) {
  const { tenantId, canary, secret } = planting
  if (name === 'tenant_id') return tenantId
  const shaped = SHAPED.get(`${table}.${name}`)
  if (shaped !== undefined) return shaped
  if (column.dataType === 'json') return JSON.stringify([canary])
  if (column.dataType === 'number' || column.dataType === 'boolean') return 1
  const allowed = column.enumValues?.at(-1)
  if (allowed !== undefined) return allowed
  // Parsed where it is read, so it has to look like one.
  if (name === 'id' || name.endsWith('_id'))
    return `row_${`${canary}x${table}x${name}`.replaceAll(/[^A-Za-z0-9]/g, '')}`
  return `${isSecretColumn(name) ? secret : canary} ${table}.${name}`
}

export const plantedRows = (planting: Planting): readonly InsertStatement[] =>
  TENANT_TABLES.filter(({ name }) => !planting.except?.includes(name)).map(({ name, columns }) => ({
    sql: `insert into "${name}" (${columns.map((column) => `"${column.name}"`).join(', ')})
          values (${columns.map(() => '?').join(', ')})`,
    values: columns.map((column) => plantedValue(name, column, planting)),
  }))
