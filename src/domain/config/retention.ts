/** How long a tenant keeps what is written down. */
import { z } from 'zod'
import { settingsObject } from './settings-object.ts'

const days = (max: number, min = 1) => z.number().int().min(min).max(max)
/** Ten years: longer is for ever, and says so by being absent. */
const MAX_DAYS = 3_650
/** Whoever got in yesterday cannot let the trail of it run out by tomorrow. */
export const MIN_AUDIT_DAYS = 90

export const retentionSchema = settingsObject({
  transcripts_days: days(MAX_DAYS)
    .optional()
    .describe('Days that conversations are kept; absent: until deleted. Not yet enforced.'),
  events_days: days(7)
    .default(7)
    .describe('Days that a session’s events can be replayed. Not yet enforced.'),
  audit_days: days(MAX_DAYS, MIN_AUDIT_DAYS)
    .optional()
    .describe('Days that the audit trail is kept; absent: for ever. An owner’s to set.'),
  usage_days: days(MAX_DAYS)
    .optional()
    .describe('Days that usage rows are kept; absent: for ever. Not yet enforced.'),
})

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A document that was stored before there was a least means the least: it must not shut its tenant out. */
export function withLeastAuditDays(document: unknown): unknown {
  const retention = isTree(document) ? document['retention'] : undefined
  if (!isTree(document) || !isTree(retention)) return document
  const { audit_days: kept } = retention
  if (typeof kept !== 'number' || kept >= MIN_AUDIT_DAYS) return document
  return { ...document, retention: { ...retention, audit_days: MIN_AUDIT_DAYS } }
}
