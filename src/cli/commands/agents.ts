/** `edgeclaw agents`, `providers`, `models`, `search-providers`: who answers, and with what model. */
import type { Noun } from './command.ts'

const SETTINGS = {
  tools: 'JSON: its own tool policy',
  autonomy: 'JSON: how far it goes by itself',
  settings: 'JSON: all settings of its own at once',
  system_prompt: 'what it is told before every conversation',
  provider: 'name of a provider (default: demo)',
}

export const AGENTS: Noun = {
  name: 'agents',
  summary: 'the agents of the tenant',
  commands: [
    {
      verb: 'list',
      operation: 'agents.list',
      rows: 'agents',
      columns: ['id', 'name', 'provider', 'model', 'agentType', 'status', ['isRunning', 'running']],
      none: 'There are no agents.',
    },
    { verb: 'get', operation: 'agents.get', positional: ['id'], hidden: ['agentId', 'agent_id'] },
    {
      verb: 'create',
      operation: 'agents.create',
      positional: ['agent_key'],
      help: SETTINGS,
      done: 'created {agent_key}',
    },
    {
      verb: 'update',
      operation: 'agents.update',
      positional: ['id'],
      hidden: ['agentId', 'agent_id'],
      help: SETTINGS,
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'agents.delete',
      positional: ['id'],
      hidden: ['agentId', 'agent_id'],
      confirm: 'This deletes the agent {id}.',
      done: 'deleted {id}',
    },
    {
      verb: 'files list',
      operation: 'agents.files.list',
      positional: ['agentId'],
      hidden: ['agent_id', 'id'],
      rows: 'files',
      columns: ['name', 'scope', ['!missing', 'present'], 'size', 'untrusted'],
    },
    {
      verb: 'files get',
      operation: 'agents.files.get',
      positional: ['agentId', 'name'],
      hidden: ['agent_id', 'id'],
      part: 'file',
    },
    {
      verb: 'files set',
      operation: 'agents.files.set',
      positional: ['agentId', 'name', 'content'],
      hidden: ['agent_id', 'id'],
      done: 'wrote {name}',
    },
    {
      verb: 'files delete',
      operation: 'agents.files.delete',
      positional: ['agentId', 'name'],
      hidden: ['agent_id', 'id'],
      confirm: 'This deletes {name} of the agent {agentId}.',
      done: 'deleted {name}',
    },
    {
      verb: 'running',
      operation: 'agent',
      positional: ['id'],
      hidden: ['agentId', 'agent_id'],
    },
  ],
}

const PROVIDER_COLUMNS = ['id', 'name', 'provider_type', 'api_base', 'enabled', 'api_key']
const KEY_HELP = {
  api_base: 'its address, where the type has none',
  enabled: 'whether it is asked',
}

export const PROVIDERS: Noun = {
  name: 'providers',
  summary: 'the model providers of the tenant and their keys',
  notes: `  edgeclaw providers create claude --provider-type anthropic --api-key-stdin < key.txt`,
  commands: [
    {
      verb: 'list',
      operation: 'providers.list',
      rows: 'providers',
      columns: PROVIDER_COLUMNS,
      none: 'There are no providers.',
    },
    {
      verb: 'create',
      operation: 'providers.create',
      positional: ['name'],
      secrets: ['api_key'],
      help: KEY_HELP,
      done: 'added {name}',
    },
    {
      verb: 'update',
      operation: 'providers.update',
      positional: ['id'],
      hidden: ['providerId'],
      secrets: ['api_key'],
      help: KEY_HELP,
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'providers.delete',
      positional: ['id'],
      hidden: ['providerId'],
      confirm: 'This deletes the provider {id} with its key.',
      done: 'deleted {id}',
    },
    {
      verb: 'test',
      operation: 'providers.test',
      positional: ['id'],
      hidden: ['providerId', 'name'],
    },
    {
      verb: 'models',
      operation: 'models.list',
      rows: 'models',
      columns: ['id', 'provider'],
    },
  ],
}

export const SEARCH_PROVIDERS: Noun = {
  name: 'search-providers',
  summary: 'what the web_search tool asks',
  commands: [
    {
      verb: 'list',
      operation: 'search.providers.list',
      rows: 'providers',
      columns: PROVIDER_COLUMNS,
      none: 'There are no search providers.',
    },
    {
      verb: 'create',
      operation: 'search.providers.create',
      positional: ['name'],
      secrets: ['api_key'],
      help: KEY_HELP,
      done: 'added {name}',
    },
    {
      verb: 'update',
      operation: 'search.providers.update',
      positional: ['id'],
      secrets: ['api_key'],
      help: KEY_HELP,
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'search.providers.delete',
      positional: ['id'],
      confirm: 'This deletes the search provider {id} with its key.',
      done: 'deleted {id}',
    },
  ],
}
