/** Skills: the same ids, names and version numbers stand next door, and some that stand only there. */
import type { AgentId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { VERSION_BYTES } from './skill-rows.ts'
import { NOW, OWNER } from './world.ts'

const OWN_BYTES = 3 * VERSION_BYTES
const AGENT = 'agt_1' as AgentId
const FOREIGN_AGENT = 'agt_9' as AgentId

/** As it might have been read next door. */
const version = {
  tenantId: 'ten_a',
  description: 'new',
  text: 'says',
  files: [{ path: 'new.txt', content: 'new' }],
  size: 10,
  contentHash: 'hash',
  findings: [],
  createdBy: OWNER,
}
const skill = (id: string, name: string) => ({ id, name, enabled: true, tenantId: 'ten_a' })
const grant = (skillId: string, agentId: AgentId) => ({
  skillId,
  agentId,
  userId: null,
  grantedBy: OWNER,
})

export const SKILL_CASES: CasesOf<Repositories['skills']> = {
  selectSkills: [(m, db, t) => m.selectSkills(db, t)],
  selectSkillGrants: [(m, db, t) => m.selectSkillGrants(db, t)],
  createSkill: [
    (m, db, t) => m.createSkill(db, t, skill('skl_new', 'new'), version, NOW),
    (m, db, t) => m.createSkill(db, t, skill('skl_9', 'elsewhere'), version, NOW),
    (m, db, t) => m.createSkill(db, t, skill('skl_new', 'review'), version, NOW),
    (m, db, t) => m.createSkill(db, t, skill('skl_8', 'last'), version, NOW, OWN_BYTES + 10),
    (m, db, t) => m.createSkill(db, t, skill('skl_8', 'last'), version, NOW, OWN_BYTES + 9),
  ],
  addSkillVersion: [
    (m, db, t) => m.addSkillVersion(db, t, 'skl_1', version, NOW),
    (m, db, t) => m.addSkillVersion(db, t, 'skl_9', version, NOW),
    (m, db, t) => m.addSkillVersion(db, t, 'skl_2', version, NOW, OWN_BYTES + 10),
  ],
  restoreSkillVersion: [
    (m, db, t) => m.restoreSkillVersion(db, t, 'skl_1', 1, NOW),
    (m, db, t) => m.restoreSkillVersion(db, t, 'skl_1', 3, NOW),
    (m, db, t) => m.restoreSkillVersion(db, t, 'skl_9', 1, NOW),
  ],
  switchSkill: [
    (m, db, t) => m.switchSkill(db, t, 'skl_1', false, NOW),
    (m, db, t) => m.switchSkill(db, t, 'skl_9', false, NOW),
  ],
  deleteSkill: [
    (m, db, t) => m.deleteSkill(db, t, 'skl_1'),
    (m, db, t) => m.deleteSkill(db, t, 'skl_9'),
  ],
  listSkillVersions: [
    (m, db, t) => m.listSkillVersions(db, t, 'skl_1'),
    (m, db, t) => m.listSkillVersions(db, t, 'skl_9'),
  ],
  readSkill: [
    (m, db, t) => m.readSkill(db, t, 'skl_1', 2),
    (m, db, t) => m.readSkill(db, t, 'skl_1', 3),
    (m, db, t) => m.readSkill(db, t, 'skl_9', 1),
  ],
  grantSkill: [
    (m, db, t) => m.grantSkill(db, t, grant('skl_2', AGENT), NOW),
    (m, db, t) => m.grantSkill(db, t, grant('skl_1', AGENT), NOW),
    (m, db, t) => m.grantSkill(db, t, grant('skl_9', AGENT), NOW),
  ],
  revokeSkill: [
    (m, db, t) => m.revokeSkill(db, t, grant('skl_1', AGENT)),
    (m, db, t) => m.revokeSkill(db, t, grant('skl_1', FOREIGN_AGENT)),
    (m, db, t) => m.revokeSkill(db, t, grant('skl_9', AGENT)),
  ],
}
