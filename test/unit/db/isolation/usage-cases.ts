/** How consumption is written and read, in ways that meet a neighbour's rows of the same names. */
import type { CasesOf, Repositories } from './cases.ts'
import { MEMBER, OWNER, usageRow } from './world.ts'

const SMUGGLED: object = { tenantId: 'ten_a' }
const RANGE = { from: '2026-11-01', to: '2026-11-30' }

export const USAGE_CASES: CasesOf<Repositories['usage']> = {
  writeUsage: [
    (m, db, t) => m.writeUsage(db, t, [{ ...usageRow(OWNER, 3), ...SMUGGLED }]),
    (m, db, t) => m.writeUsage(db, t, [usageRow(MEMBER, 1)]),
    (m, db, t) => m.writeUsage(db, t, [usageRow(OWNER, 0)]),
  ],
  readUsage: [
    (m, db, t) => m.readUsage(db, t, RANGE, 'day'),
    (m, db, t) => m.readUsage(db, t, RANGE, 'user'),
    (m, db, t) => m.readUsage(db, t, RANGE, 'agent'),
    (m, db, t) => m.readUsage(db, t, RANGE, 'model'),
    (m, db, t) => m.readUsage(db, t, RANGE, 'key'),
    (m, db, t) => m.readUsage(db, t, { ...RANGE, userId: OWNER }, 'key'),
  ],
}
