/** Questions to humans, asked and answered as one tenant beside neighbours that hold the same. */
import type { AgentId, RunId, TenantId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { MEMBER, NOW, OWNER } from './world.ts'

const SMUGGLED_TENANT = { tenantId: 'ten_a' }
const SESSION = 'agent:main:ws:direct:1'
const agent = (id: string): AgentId => id as AgentId

const newApproval = (tenantId: TenantId) => ({
  id: 'apr_new',
  agentId: agent('agt_1'),
  agentKey: 'main',
  sessionKey: SESSION,
  runId: 'run_new' as RunId,
  callId: 'call_new',
  tool: 'exec',
  arguments: `{"command":"ls ${tenantId}"}`,
  cwd: '',
  envNames: [],
  access: 'rw',
  network: 'none',
  policyVersion: '1',
  manifestRoot: '',
  standing: null,
  reason: 'autonomy',
  bindingHash: 'hash-new',
  requestedBy: OWNER,
  sessionOwner: OWNER,
  createdAt: NOW,
  expiresAt: NOW + 1,
})

export const APPROVAL_CASES: CasesOf<Repositories['approvals']> = {
  createApproval: [
    (m, db, t) =>
      m.createApproval(
        db,
        t,
        { ...newApproval(t), ...SMUGGLED_TENANT },
        { perSession: 3, perRequester: 3 },
      ),
    // The neighbours' open questions of this session would fill its room.
    (m, db, t) => m.createApproval(db, t, newApproval(t), { perSession: 2, perRequester: 2 }),
  ],
  findApproval: [
    (m, db, t) => m.findApproval(db, t, 'apr_1'),
    (m, db, t) => m.findApproval(db, t, 'apr_9'),
  ],
  findApprovalOfCall: [
    (m, db, t) => m.findApprovalOfCall(db, t, 'run_1' as RunId, 'call_1'),
    (m, db, t) => m.findApprovalOfCall(db, t, 'run_9' as RunId, 'call_9'),
  ],
  listPendingApprovals: [
    (m, db, t) => m.listPendingApprovals(db, t, {}, NOW),
    (m, db, t) => m.listPendingApprovals(db, t, { ofUser: OWNER }, NOW),
    (m, db, t) => m.listPendingApprovals(db, t, { agentKeys: ['main'] }, NOW),
    (m, db, t) => m.listPendingApprovals(db, t, { sessionKey: SESSION }, NOW),
    (m, db, t) =>
      m.listPendingApprovals(db, t, { before: { createdAt: NOW + 1, id: 'x' }, limit: 9 }, NOW),
  ],
  countPendingApprovals: [
    (m, db, t) => m.countPendingApprovals(db, t, {}, NOW),
    (m, db, t) => m.countPendingApprovals(db, t, { ofUser: OWNER }, NOW),
    (m, db, t) => m.countPendingApprovals(db, t, { agentKeys: ['main'] }, NOW),
  ],
  decideApproval: [
    (m, db, t) => m.decideApproval(db, t, 'apr_1', { status: 'approved', decidedBy: MEMBER }, NOW),
    (m, db, t) => m.decideApproval(db, t, 'apr_9', { status: 'approved', decidedBy: MEMBER }, NOW),
  ],
  expireApproval: [
    (m, db, t) => m.expireApproval(db, t, 'apr_1', NOW),
    (m, db, t) => m.expireApproval(db, t, 'apr_9', NOW),
  ],
  consumeApproval: [
    (m, db, t) => m.consumeApproval(db, t, 'apr_2', 'hash', NOW),
    (m, db, t) => m.consumeApproval(db, t, 'apr_8', 'hash', NOW),
  ],
  createStandingApproval: [
    (m, db, t) =>
      m.createStandingApproval(db, t, {
        ...SMUGGLED_TENANT,
        id: 'sta_9',
        agentKey: 'main',
        tool: 'exec',
        argv: ['ls'],
        cwd: '',
        matchHash: 'match-new',
        createdBy: OWNER,
        createdAt: NOW,
        expiresAt: NOW + 1,
      }),
  ],
  findStandingApproval: [
    (m, db, t) => m.findStandingApproval(db, t, 'match', NOW),
    (m, db, t) => m.findStandingApproval(db, t, 'match-9', NOW),
  ],
  listStandingApprovals: [(m, db, t) => m.listStandingApprovals(db, t, NOW)],
  revokeStandingApproval: [
    (m, db, t) => m.revokeStandingApproval(db, t, 'sta_1'),
    (m, db, t) => m.revokeStandingApproval(db, t, 'sta_8'),
  ],
}
