/** The rows of questions that wait for a human, and of what was allowed for always. */
import { plantApproval, plantStanding } from './plants.ts'
import { nothing, planted, type Row } from './scratch.ts'

/** For whoever answers: only a question of somebody else is theirs to answer. */
const answer: Row = {
  names: 'row',
  params: ({ north }) => ({ id: north.approval }),
  own: async (world) => ({ id: await plantApproval(world.north.tenantId, planted(world)) }),
  otherUser: 'UNAUTHORIZED',
}

export const APPROVAL_ROWS: Readonly<Record<string, Row>> = {
  'exec.approval.list': nothing,
  // Its asker’s and the approvers’: for others there is none.
  'exec.approval.get': {
    ...answer,
    own: async (world) => ({
      id: await plantApproval(world.north.tenantId, { ...planted(world), by: 'alice' }),
    }),
    otherUser: 'NOT_FOUND',
  },
  'exec.approval.approve': answer,
  'exec.approval.deny': answer,
  'exec.approval.standing.list': nothing,
  'exec.approval.standing.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.standing }),
    own: async (world) => ({ id: await plantStanding(world.north.tenantId, planted(world)) }),
  },
}
