/**
 * Everything of a tenant but its secrets, page by page: its rows, its conversations, its files. No
 * page is larger than an answer, and none is kept: memory is bounded whatever the tenant holds.
 */
import { toBase64 } from '../crypto/encoding.ts'
import { TENANT_TABLES } from '../db/schema-walk.ts'
import { listTenantRows } from '../db/tenant-rows.ts'
import { MASK, masked } from '../domain/config/mask.ts'
import { agentIdSchema, type TenantId, userIdSchema } from '../domain/ids.ts'
import { parseObjectName } from '../domain/object-name.ts'
import type { Services } from './context.ts'
import type { ExportCursor } from './export-cursor.ts'

export type ExportRecord = Readonly<Record<string, unknown>>

export interface ExportPage {
  readonly records: readonly ExportRecord[]
  readonly next: ExportCursor | null
}

/** Of one answer; a single row may be larger, and then stands alone. */
const MAX_PAGE_CHARS = 700_000
const ROWS_A_PAGE = 100
/** Three quarters of a megabyte as base64. */
const FILE_PART_BYTES = 512 * 1024

export const FIRST_PAGE: ExportCursor = {
  at: 'rows',
  table: TENANT_TABLES[0]?.name ?? '',
  after: null,
}

export function exportPage(
  services: Services,
  tenantId: TenantId,
  cursor: ExportCursor,
): Promise<ExportPage> {
  switch (cursor.at) {
    case 'rows':
      return rows(services, tenantId, cursor)
    case 'sessions':
      return messages(services, tenantId, cursor)
    case 'files':
      return files(services, tenantId, cursor)
  }
}

async function rows(
  services: Services,
  tenantId: TenantId,
  { table, after }: Extract<ExportCursor, { at: 'rows' }>,
): Promise<ExportPage> {
  const index = TENANT_TABLES.findIndex(({ name }) => name === table)
  if (index < 0) return { records: [], next: { at: 'sessions', name: null, before: null } }
  const db = services.database(tenantId)
  const page = await listTenantRows(db, tenantId, table, after, ROWS_A_PAGE)
  let chars = 0
  let taken = 0
  for (const row of page.rows) {
    chars += JSON.stringify(row).length
    if (chars > MAX_PAGE_CHARS && taken > 0) break
    taken++
  }
  const records = page.rows
    .slice(0, taken)
    .map((row) => ({ kind: 'row', table, row: shownRow(table, row) }))
  const last = page.keys[taken - 1]
  if (last !== undefined && last.length > 0 && (taken < page.rows.length || taken === ROWS_A_PAGE))
    return { records, next: { at: 'rows', table, after: [...last] } }
  const following = TENANT_TABLES[index + 1]
  return {
    records,
    next: following
      ? { at: 'rows', table: following.name, after: null }
      : { at: 'sessions', name: null, before: null },
  }
}

/** What configuration documents hold is told as `config.get` tells it: people put secrets there. */
const DOCUMENT_TABLES: ReadonlySet<string> = new Set(['tenant_config', 'config_versions'])

function shownRow(table: string, row: ExportRecord): ExportRecord {
  const { document } = row
  if (!DOCUMENT_TABLES.has(table) || typeof document !== 'string') return row
  try {
    return { ...row, document: JSON.stringify(masked(JSON.parse(document))) }
  } catch {
    return { ...row, document: MASK }
  }
}

/** Of each conversation the newest page first, and in a page the oldest message. */
async function messages(
  services: Services,
  tenantId: TenantId,
  { name, before }: Extract<ExportCursor, { at: 'sessions' }>,
): Promise<ExportPage> {
  const isAmid = name !== null && before !== null
  const [found] = isAmid ? [name] : await services.tenantEnd(tenantId).names('session', name, 1)
  if (found === undefined)
    return { records: [], next: { at: 'files', name: null, path: null, offset: 0 } }
  const [, sessionKey] = parseObjectName(found) ?? []
  const page =
    sessionKey === undefined
      ? null
      : await services.exportableSession(tenantId, sessionKey).exportPage(before)
  const next = { at: 'sessions' as const, name: found, before: page?.nextBefore ?? null }
  return { records: page ? [{ kind: 'session', session_key: sessionKey, ...page }] : [], next }
}

async function files(
  services: Services,
  tenantId: TenantId,
  cursor: Extract<ExportCursor, { at: 'files' }>,
): Promise<ExportPage> {
  const { path, offset } = cursor
  const isAmid = cursor.name !== null && path !== null
  const [name] = isAmid
    ? [cursor.name]
    : await services.tenantEnd(tenantId).names('workspace', cursor.name, 1)
  if (name === undefined || name === null) return { records: [], next: null }
  const [, agent, user] = parseObjectName(name) ?? []
  const agentId = agentIdSchema.safeParse(agent)
  const userId = userIdSchema.safeParse(user)
  const behind = { at: 'files' as const, name, path: null, offset: 0 }
  if (!agentId.success || !userId.success) return { records: [], next: behind }
  const workspace = services.workspace(tenantId, agentId.data, userId.data)
  const whose = { agent_id: agentId.data, user_id: userId.data }
  const { root, entries } = await workspace.manifest()
  if (!isAmid) {
    const first = entries[0]
    return {
      records: [{ kind: 'workspace', ...whose, root, files: entries.length }],
      next: first ? { ...behind, path: first.path } : behind,
    }
  }
  // The file may be gone since the page before: then the next one in order is due.
  const entry = entries.find((candidate) => candidate.path >= path)
  if (entry === undefined) return { records: [], next: behind }
  const start = entry.path === path ? offset : 0
  const read = await workspace.read(entry.path)
  const bytes = read.ok ? read.value.bytes : new Uint8Array()
  const part = bytes.subarray(start, start + FILE_PART_BYTES)
  const end = start + part.byteLength
  const following = entries.find((candidate) => candidate.path > entry.path)
  const { sha256, size, mode, isUntrusted } = entry
  return {
    records: [
      {
        kind: 'file',
        ...whose,
        path: entry.path,
        sha256,
        size,
        mode,
        untrusted: isUntrusted,
        offset: start,
        content_base64: toBase64(part),
      },
    ],
    next:
      end < bytes.byteLength
        ? { ...behind, path: entry.path, offset: end }
        : following
          ? { ...behind, path: following.path }
          : behind,
  }
}
