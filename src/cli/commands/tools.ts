/** `edgeclaw tools`, `secure-cli`, `packages`: what agents may use, and with which credentials. */
import type { Noun } from './command.ts'

export const TOOLS: Noun = {
  name: 'tools',
  summary: 'the tools there are, and what the shell denies',
  commands: [
    {
      verb: 'list',
      operation: 'tools.list',
      rows: 'tools',
      columns: ['name', 'group', 'description'],
    },
    {
      verb: 'invoke',
      operation: 'tools.invoke',
      positional: ['tool'],
      hidden: ['idempotencyKey'],
      help: { args: 'its arguments, as JSON', dryRun: 'tell what the gates would say' },
    },
    {
      verb: 'policy',
      operation: 'tools.policy',
      positional: ['agentId'],
      rows: 'tools',
      columns: [
        'name',
        'group',
        'allowed',
        'asks',
        ['decidedBy.level', 'level'],
        ['decidedBy.place', 'place'],
        ['decidedBy.rule', 'rule'],
        ['decidedBy.entry', 'entry'],
      ],
    },
    {
      verb: 'deny-groups',
      operation: 'shell.deny_groups.list',
      rows: 'groups',
      columns: ['name', 'denied'],
    },
  ],
}

export const SECURE_CLI: Noun = {
  name: 'secure-cli',
  summary: 'programs that need a credential, and who may run them',
  commands: [
    {
      verb: 'list',
      operation: 'secure_cli.list',
      rows: 'binaries',
      columns: ['id', 'name', 'absolute_path', 'hosts', 'has_credential', 'is_global', 'enabled'],
      none: 'No program has a credential.',
    },
    { verb: 'get', operation: 'secure_cli.get', positional: ['id'] },
    {
      verb: 'create',
      operation: 'secure_cli.create',
      positional: ['name'],
      secrets: ['env'],
      done: 'added {name}',
    },
    {
      verb: 'update',
      operation: 'secure_cli.update',
      positional: ['id'],
      secrets: ['env'],
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'secure_cli.delete',
      positional: ['id'],
      confirm: 'This deletes the program {id} with its credential and grants.',
      done: 'deleted {id}',
    },
    {
      verb: 'grants',
      operation: 'secure_cli.grants.list',
      positional: ['id'],
      rows: 'grants',
      columns: ['agent_id', 'deny_args', 'granted_by'],
      none: 'No agent was granted it.',
    },
    {
      verb: 'grant',
      operation: 'secure_cli.grants.grant',
      positional: ['id', 'agent_id'],
      done: 'granted {id} to {agent_id}',
    },
    {
      verb: 'revoke',
      operation: 'secure_cli.grants.revoke',
      positional: ['id', 'agent_id'],
      confirm: 'This takes {id} from agent {agent_id}.',
      done: 'revoked {id} from {agent_id}',
    },
  ],
}

const loadPackages = async () => (await import('../packages.ts')).PACKAGES

export const PACKAGES: Noun = {
  name: 'packages',
  summary: 'what is installed for an agent',
  notes: `A PACKAGE is MANAGER:NAME or MANAGER:NAME@VERSION, MANAGER one of apt, pip and npm:
  edgeclaw packages add apt:jq pip:jinja2@3.1.4 npm:@types/node`,
  commands: [
    {
      verb: 'list',
      summary: 'Shows what is installed, in which version, and who added it',
      needs: ['agents.packages.list'],
      load: loadPackages,
    },
    {
      verb: 'add',
      usage: 'PACKAGE...',
      summary: 'Builds the image with more, and keeps their versions',
      needs: ['agents.packages.add'],
      load: loadPackages,
    },
    {
      verb: 'remove',
      usage: 'PACKAGE...',
      summary: 'Takes some out; the image is built anew at its next use',
      needs: ['agents.packages.remove'],
      load: loadPackages,
    },
  ],
}
