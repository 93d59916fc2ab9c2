/** Approvals of single calls, and the standing ones that an admin gave. */
import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { APPROVAL_STATES } from '../../domain/approval.ts'
import type { AgentId, RunId, UserId } from '../../domain/ids.ts'
import { createdAtColumn, flagColumn, jsonColumn, tenantIdColumn, timeColumn } from './columns.ts'

/** Binds everything that the decision was made on: a changed script, place or policy asks again. */
export const approvals = sqliteTable(
  'approvals',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    agentKey: text('agent_key').notNull(),
    agentId: text('agent_id')
      .$type<AgentId>()
      .notNull()
      .default('' as AgentId),
    sessionKey: text('session_key').notNull(),
    runId: text('run_id').$type<RunId>().notNull(),
    callId: text('call_id').notNull(),
    tool: text('tool').notNull(),
    /** JSON of the arguments as the approver is shown them: whole, but for registered secrets. */
    arguments: text('arguments').notNull(),
    cwd: text('cwd').notNull(),
    envNames: jsonColumn('env_names').notNull(),
    access: text('access').notNull(),
    network: text('network').notNull(),
    policyVersion: text('policy_version').notNull(),
    manifestRoot: text('manifest_root').notNull(),
    /** What an `allow-always` would stand for; null when none can be given. */
    standing: jsonColumn('standing'),
    /** Which rule asked. */
    reason: text('reason').notNull().default(''),
    /** SHA-256 over the whole binding; compared again when the call starts. */
    bindingHash: text('binding_hash').notNull(),
    status: text('status', { enum: APPROVAL_STATES }).notNull(),
    requestedBy: text('requested_by').$type<UserId>().notNull(),
    /** Whose conversation it is; an admin may have started the run in it. */
    sessionOwner: text('session_owner')
      .$type<UserId>()
      .notNull()
      .default('' as UserId),
    decidedBy: text('decided_by').$type<UserId>(),
    decidedAt: timeColumn('decided_at'),
    consumedAt: timeColumn('consumed_at'),
    createdAt: createdAtColumn(),
    expiresAt: timeColumn('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('approvals_status').on(table.tenantId, table.status, table.createdAt, table.id),
    index('approvals_session').on(table.tenantId, table.sessionKey, table.status),
    index('approvals_call').on(table.tenantId, table.runId, table.callId, table.createdAt),
  ],
)

/** `allow-always`: exact argv and cwd, expiring, listed, revocable. */
export const standingApprovals = sqliteTable(
  'standing_approvals',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    agentKey: text('agent_key').notNull(),
    tool: text('tool').notNull(),
    argv: jsonColumn('argv').notNull(),
    cwd: text('cwd').notNull(),
    /** SHA-256 over the agent's id, tool, argv and cwd. */
    matchHash: text('match_hash').notNull(),
    isRevoked: flagColumn('is_revoked').notNull().default(false),
    createdBy: text('created_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
    expiresAt: timeColumn('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('standing_approvals_match').on(table.tenantId, table.matchHash),
    index('standing_approvals_created').on(table.tenantId, table.createdAt),
  ],
)
