/** `edgeclaw chat`, `sessions` and `usage`: conversations, and what they cost. */
import type { Noun } from './command.ts'

export const CHAT: Noun = {
  name: 'chat',
  summary: 'send a message and show the answer as it streams',
  commands: [
    {
      verb: '',
      usage: '"message"',
      summary: 'Sends a message and shows the answer as it streams',
      needs: ['chat.send'],
      load: async () => (await import('../chat.ts')).CHAT,
    },
  ],
}

export const SESSIONS: Noun = {
  name: 'sessions',
  summary: 'conversations, running and past',
  commands: [
    {
      verb: 'list',
      operation: 'sessions.list',
      rows: 'sessions',
      columns: ['key', 'kind', 'userID', 'model', ['messageCount', 'messages'], 'label', 'updated'],
      none: 'There are no sessions.',
      help: { agentId: 'of one agent alone', channel: 'of one channel alone' },
    },
    {
      verb: 'show',
      operation: 'sessions.preview',
      positional: ['sessionKey'],
      hidden: ['key'],
      rows: 'messages',
      columns: ['created_at', 'role', 'content'],
      none: 'Nothing was said.',
    },
    {
      verb: 'history',
      operation: 'chat.history',
      positional: ['sessionKey'],
      hidden: ['key'],
      rows: 'messages',
      columns: ['created_at', 'role', 'content'],
      none: 'Nothing was said.',
    },
    {
      verb: 'status',
      operation: 'chat.session.status',
      positional: ['sessionKey'],
      hidden: ['key'],
    },
    {
      verb: 'label',
      operation: 'sessions.patch',
      positional: ['sessionKey', 'label'],
      hidden: ['key'],
      done: 'labelled {sessionKey}',
    },
    {
      verb: 'stop',
      operation: 'chat.stop',
      positional: ['sessionKey'],
      hidden: ['key'],
    },
    {
      verb: 'stop-all',
      operation: 'chat.stopall',
      hidden: ['key'],
    },
    {
      verb: 'reset',
      operation: 'sessions.reset',
      positional: ['sessionKey'],
      hidden: ['key'],
      confirm: 'This empties {sessionKey}: what was said in it is gone.',
      done: 'emptied {sessionKey}',
    },
    {
      verb: 'compact',
      operation: 'sessions.compact',
      positional: ['sessionKey'],
      hidden: ['key'],
      done: 'making room in {sessionKey}',
    },
    {
      verb: 'delete',
      operation: 'sessions.delete',
      positional: ['sessionKey'],
      hidden: ['key'],
      confirm: 'This deletes {sessionKey} with its transcript.',
      done: 'deleted {sessionKey}',
    },
  ],
}

const NOTE_COLUMNS = ['id', 'created_at', 'title', 'text', 'untrusted']
const WHOSE = { userId: 'of somebody else, as an admin' }

export const MEMORY: Noun = {
  name: 'memory',
  summary: 'what an agent has noted of you',
  commands: [
    {
      verb: 'list',
      operation: 'memory.list',
      positional: ['agentId'],
      hidden: ['agent_id'],
      rows: 'notes',
      columns: NOTE_COLUMNS,
      none: 'Nothing was noted.',
      help: WHOSE,
    },
    {
      verb: 'search',
      operation: 'memory.search',
      positional: ['agentId', 'query'],
      hidden: ['agent_id'],
      rows: 'notes',
      columns: NOTE_COLUMNS,
      none: 'Nothing was found.',
      help: WHOSE,
    },
    {
      verb: 'delete',
      operation: 'memory.delete',
      positional: ['agentId', 'id'],
      hidden: ['agent_id', 'all'],
      confirm: 'This deletes the note {id}.',
      done: 'deleted {id}',
      help: WHOSE,
    },
    {
      verb: 'erase',
      operation: 'memory.delete',
      summary: 'Erases whatever an agent has noted of you',
      positional: ['agentId'],
      hidden: ['agent_id', 'id'],
      fixed: { all: true },
      confirm: 'This erases everything that the agent {agentId} has noted.',
      done: 'erased',
      help: WHOSE,
    },
  ],
}

export const WORKSPACES: Noun = {
  name: 'workspaces',
  summary: 'the files that agents keep for people',
  commands: [
    {
      verb: 'list',
      operation: 'workspaces.list',
      rows: 'workspaces',
      columns: ['agentId', 'userId', 'scope', 'files', 'bytes', 'changedAt'],
      none: 'There are no files.',
      help: { agentId: 'of one agent alone' },
    },
    {
      verb: 'files',
      operation: 'workspaces.files',
      positional: ['agentId'],
      rows: 'files',
      columns: ['path', 'size', 'changedAt', 'untrusted'],
      none: 'There are no files.',
      help: { prefix: 'what their paths begin with' },
    },
  ],
}

export const USAGE: Noun = {
  name: 'usage',
  summary: 'requests, tokens and money, and what is left of the budgets',
  commands: [
    {
      verb: 'get',
      operation: 'usage.get',
      rows: 'usage',
      columns: [
        'day',
        'user_id',
        'agent',
        'provider',
        'model',
        'key_id',
        'requests',
        'input_tokens',
        'output_tokens',
        ['cost_usd', 'USD'],
        'unpriced',
      ],
      none: 'Nothing was used.',
    },
    { verb: 'summary', operation: 'usage.summary' },
    {
      verb: 'quota',
      operation: 'quota.usage',
      rows: 'quotas',
      columns: ['scope', 'subject', 'measure', 'period', 'used', 'limit', 'exhausted', 'resets_at'],
      none: 'There are no budgets.',
    },
  ],
}
