/** `edgeclaw approvals`, `events`, `audit`, `security`, `estop`: what happens, and how to stop it. */
import type { Noun } from './command.ts'

const loadApprovals = async () => (await import('../approvals.ts')).APPROVALS

export const APPROVALS: Noun = {
  name: 'approvals',
  summary: 'the tool calls that wait for a human',
  commands: [
    {
      verb: 'list',
      summary: 'Shows the calls that wait',
      needs: ['exec.approval.list'],
      load: loadApprovals,
    },
    {
      verb: 'show',
      usage: 'ID',
      summary: 'Shows the whole of one',
      needs: ['exec.approval.get'],
      load: loadApprovals,
    },
    {
      verb: 'approve',
      usage: 'ID',
      summary: 'Lets one run; with --always, the same command from now on',
      needs: ['exec.approval.approve'],
      load: loadApprovals,
    },
    {
      verb: 'deny',
      usage: 'ID',
      summary: 'Refuses one',
      needs: ['exec.approval.deny'],
      load: loadApprovals,
    },
    {
      verb: 'standing',
      summary: 'Shows the commands that were allowed for always',
      needs: ['exec.approval.standing.list'],
      load: loadApprovals,
    },
    {
      verb: 'revoke',
      usage: 'ID',
      summary: 'Takes one of those back',
      needs: ['exec.approval.standing.revoke'],
      load: loadApprovals,
    },
  ],
}

export const EVENTS: Noun = {
  name: 'events',
  summary: 'what the gates saw and refused',
  commands: [
    {
      verb: 'list',
      operation: 'security.events.list',
      rows: 'events',
      columns: ['created_at', 'severity', 'name', 'user', 'userId', 'agentKey', 'address'],
      none: 'Nothing was seen.',
      help: { name: 'one kind alone', limit: 'how many', before: 'nextBefore of the page before' },
    },
    {
      verb: 'follow',
      summary: 'Prints events as they come, until Ctrl-C; with --json one object a line',
      load: async () => (await import('../follow-events.ts')).followEvents,
    },
  ],
}

export const LOGS: Noun = {
  name: 'logs',
  summary: 'what happened last in the tenant',
  commands: [
    {
      verb: 'tail',
      operation: 'logs.tail',
      rows: 'lines',
      columns: ['created_at', 'level', 'event', 'fields'],
      none: 'Nothing happened.',
      help: {
        limit: 'how many',
        after: 'next of the answer before',
        level: 'the least that is shown',
        follow: 'for sockets that stay: events follow prints what comes',
      },
    },
  ],
}

export const AUDIT: Noun = {
  name: 'audit',
  summary: 'the trail of every change, chained so that none goes missing',
  commands: [
    {
      verb: 'list',
      operation: 'audit.list',
      rows: 'records',
      columns: ['sequence', 'created_at', 'kind', 'name', ['actor.userId', 'by'], 'fields'],
      none: 'The trail is empty.',
    },
    {
      verb: 'export',
      usage: '[--out FILE]',
      summary: 'Writes the whole trail as NDJSON, to a file or standard output',
      needs: ['audit.export'],
      load: async () => (await import('../export-pages.ts')).exportAudit,
    },
    {
      verb: 'verify',
      summary: 'Checks that the chain is whole; exit code 1 when it is not',
      needs: ['audit.verify'],
      load: async () => (await import('../verify-trail.ts')).verifyTrail,
    },
  ],
}

export const SECURITY: Noun = {
  name: 'security',
  summary: 'the audit of what is set and how the gateway answers',
  commands: [
    {
      verb: 'audit',
      summary: 'Judges the settings; with --deep also how the gateway answers strangers',
      usage: '[--deep] [--fix] [--suppress CHECK --reason TEXT]',
      load: async () => (await import('../security-audit.ts')).securityAudit,
    },
    {
      verb: 'suppressions',
      operation: 'security.audit.suppressions',
      rows: 'suppressions',
      columns: ['checkId', 'reason', 'created_by', 'created_at', 'expires_at'],
      none: 'Nobody answers for a finding.',
    },
    {
      verb: 'unsuppress',
      operation: 'security.audit.unsuppress',
      positional: ['checkId'],
      done: '{checkId} is found again',
    },
  ],
}

const STOP_HELP = {
  reason: 'why; whoever is refused sees it',
  all: 'every tenant of the gateway (its operator alone)',
}

export const ESTOP: Noun = {
  name: 'estop',
  summary: 'the emergency stop: everything, the network, or single tools',
  notes: `  edgeclaw estop kill-all --reason "leak"   runs end, none begins
  edgeclaw estop network --reason "leak"    nothing goes out
  edgeclaw estop tools exec,web_fetch --reason "…"
  edgeclaw estop release ID                 an owner lets go again`,
  commands: [
    {
      verb: 'kill-all',
      operation: 'estop.set',
      summary: 'Ends every run and lets none begin',
      fixed: { kind: 'kill-all' },
      help: STOP_HELP,
      hidden: ['tools'],
      confirm: 'This ends every run of the tenant and lets none begin until it is released.',
      done: 'stopped: kill-all',
    },
    {
      verb: 'network',
      operation: 'estop.set',
      summary: 'Stops everything that goes out to the network',
      fixed: { kind: 'network' },
      help: STOP_HELP,
      hidden: ['tools'],
      confirm: 'This stops all fetches of the tenant until it is released.',
      done: 'stopped: network',
    },
    {
      verb: 'tools',
      operation: 'estop.set',
      summary: 'Stops the tools that are named',
      positional: ['tools'],
      fixed: { kind: 'tools' },
      help: STOP_HELP,
      confirm: 'This stops the tools {tools} until it is released.',
      done: 'stopped: {tools}',
    },
    {
      verb: 'list',
      operation: 'estop.list',
      rows: 'stops',
      columns: ['id', 'kind', 'tools', 'reason', 'is_platform', 'created_by', 'created_at'],
      none: 'Nothing is stopped.',
    },
    {
      verb: 'release',
      operation: 'estop.release',
      positional: ['id'],
      help: STOP_HELP,
      confirm: 'This lets what {id} stopped go on.',
      done: 'released {id}',
    },
  ],
}
