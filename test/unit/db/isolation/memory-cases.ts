/** Notes and files of agents, asked for in ways that meet a neighbour's, another user's or another agent's. */
import type { AgentId, UserId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { NEXT_DOOR } from './memory-rows.ts'
import { MEMBER, NOW, OWNER } from './world.ts'

const MAIN = 'agt_1' as AgentId
const HELPER = 'agt_2' as AgentId
const FOREIGN_AGENT = 'agt_9' as AgentId
const mine = { agentId: MAIN, userId: OWNER }
const elsewhere = { agentId: MAIN, userId: 'user-elsewhere' as UserId }
const note = (text: string) => ({
  noteId: 'mem_new',
  title: '',
  text,
  isUntrusted: false,
  tenantId: 'ten_a',
})
const ALL = { limit: 200, offset: 0 }

export const AGENT_FILE_CASES: CasesOf<Repositories['agent-files']> = {
  selectAgentFiles: [(m, db, t) => m.selectAgentFiles(db, t)],
  setAgentFile: [
    (m, db, t) =>
      m.setAgentFile(
        db,
        t,
        { agentId: MAIN, name: 'SOUL.md', content: 'new', updatedBy: OWNER },
        NOW,
      ),
    (m, db, t) =>
      m.setAgentFile(
        db,
        t,
        { agentId: FOREIGN_AGENT, name: 'TOOLS.md', content: 'new', updatedBy: OWNER },
        NOW,
      ),
  ],
  deleteAgentFile: [
    (m, db, t) => m.deleteAgentFile(db, t, MAIN, 'SOUL.md'),
    (m, db, t) => m.deleteAgentFile(db, t, MAIN, 'TOOLS.md'),
  ],
}

export const MEMORY_CASES: CasesOf<Repositories['memory']> = {
  saveNote: [
    (m, db, t) => m.saveNote(db, t, mine, note('a new thing'), NOW),
    // An agent that is there next door only.
    (m, db, t) => m.saveNote(db, t, { ...mine, agentId: FOREIGN_AGENT }, note('lost'), NOW),
    // Three pieces are there, and there is room for one more; next door there are further ones.
    (m, db, t) => m.saveNote(db, t, mine, note('the last thing'), NOW, 4),
    (m, db, t) => m.saveNote(db, t, mine, note('one too many'), NOW, 3),
    // Saved by a neighbour before, under this very hash.
    (m, db, t) => m.saveNote(db, t, elsewhere, note(NEXT_DOOR), NOW),
  ],
  searchMemory: [
    (m, db, t) => m.searchMemory(db, t, mine, 'boats', 20),
    (m, db, t) => m.searchMemory(db, t, mine, 'mem9 OR boats', 20),
    (m, db, t) => m.searchMemory(db, t, { agentId: HELPER, userId: OWNER }, 'boats', 20),
    (m, db, t) => m.searchMemory(db, t, { agentId: MAIN, userId: MEMBER }, 'boats', 20),
  ],
  readNote: [
    (m, db, t) => m.readNote(db, t, mine, 'mem_1'),
    (m, db, t) => m.readNote(db, t, mine, 'mem_9'),
    (m, db, t) => m.readNote(db, t, mine, 'mem_3'),
  ],
  listNotes: [
    (m, db, t) => m.listNotes(db, t, mine, ALL),
    (m, db, t) => m.listNotes(db, t, elsewhere, ALL),
  ],
  deleteNote: [
    (m, db, t) => m.deleteNote(db, t, mine, 'mem_1'),
    (m, db, t) => m.deleteNote(db, t, mine, 'mem_9'),
  ],
  eraseMemory: [
    (m, db, t) => m.eraseMemory(db, t, mine, 100),
    (m, db, t) => m.eraseMemory(db, t, elsewhere, 100),
    (m, db, t) => m.eraseMemory(db, t, { agentId: MAIN }, 100),
    (m, db, t) => m.eraseMemory(db, t, { agentId: FOREIGN_AGENT }, 100),
  ],
}
