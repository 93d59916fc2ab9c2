/** `edgeclaw skills`: instructions that agents load on demand. */
import type { Noun } from './command.ts'

export const SKILLS: Noun = {
  name: 'skills',
  summary: 'instructions that agents load on demand, and who has them',
  notes: `  edgeclaw skills upload ./code-review       a folder with a SKILL.md; again for a new version
  edgeclaw skills grant code-review default  nobody has a skill before
  edgeclaw skills restore code-review 3      goes back to what it said`,
  commands: [
    {
      verb: 'list',
      operation: 'skills.list',
      rows: 'skills',
      columns: ['name', 'version', 'enabled', 'description'],
      none: 'There are no skills.',
    },
    { verb: 'get', operation: 'skills.get', positional: ['name'] },
    {
      verb: 'upload',
      usage: 'DIR',
      summary: 'Adds the skill in a folder, or makes a new version of it',
      needs: ['skills.create', 'skills.update'],
      load: async () => (await import('../skill-upload.ts')).uploadSkill,
    },
    {
      verb: 'enable',
      operation: 'skills.update',
      summary: 'Switches a skill on again',
      positional: ['name'],
      fixed: { enabled: true },
      hidden: ['skill_md', 'files'],
      done: 'enabled {name}',
    },
    {
      verb: 'disable',
      operation: 'skills.update',
      summary: 'Switches a skill off: nobody has it at their next call',
      positional: ['name'],
      fixed: { enabled: false },
      hidden: ['skill_md', 'files'],
      done: 'disabled {name}',
    },
    {
      verb: 'versions',
      operation: 'skills.versions',
      positional: ['name'],
      rows: 'versions',
      columns: ['version', 'in_force', 'size', 'files', 'findings', 'created_by', 'created_at'],
    },
    {
      verb: 'restore',
      operation: 'skills.restore',
      positional: ['name', 'version'],
      confirm: 'This puts version {version} of {name} in force for everybody who has it.',
      done: '{name} says again what version {version} says',
    },
    {
      verb: 'grant',
      operation: 'skills.grant',
      positional: ['name', 'agent_id'],
      done: 'granted {name} to {agent_id}',
    },
    {
      verb: 'revoke',
      operation: 'skills.revoke',
      positional: ['name', 'agent_id'],
      confirm: 'This takes {name} from agent {agent_id}.',
      done: 'revoked {name} from {agent_id}',
    },
    {
      verb: 'delete',
      operation: 'skills.delete',
      positional: ['name'],
      confirm: 'This deletes the skill {name} with all its versions and grants.',
      done: 'deleted {name}',
    },
  ],
}
