/** `edgeclaw hooks`, `custom-tools`: whom runs ask on the way, and tools of the tenant's own. */
import type { Noun } from './command.ts'

const HOOK_HELP = {
  events: 'JSON list of session_start, user_prompt_submit, pre_tool_use, post_tool_use and stop',
  agents: 'JSON list of keys of agents, * for all',
  failure: 'what a silence means: closed blocks, open does not',
  secret: 'signing secret (whsec_…); asked for without echo. One is made for a new hook without',
}

export const HOOKS: Noun = {
  name: 'hooks',
  summary: 'whom runs ask before they go on',
  notes: `  edgeclaw hooks create guard https://guard.example/hook --events '["pre_tool_use"]'
  edgeclaw hooks test guard       asks it once, and shows what it says`,
  commands: [
    {
      verb: 'list',
      operation: 'hooks.list',
      rows: 'hooks',
      columns: ['name', 'events', 'agents', 'failure', 'enabled'],
      none: 'There are no run hooks.',
    },
    { verb: 'get', operation: 'hooks.get', positional: ['id'] },
    {
      verb: 'create',
      operation: 'hooks.create',
      positional: ['name', 'url'],
      secrets: ['secret'],
      help: HOOK_HELP,
    },
    {
      verb: 'update',
      operation: 'hooks.update',
      positional: ['id'],
      secrets: ['secret'],
      help: HOOK_HELP,
    },
    {
      verb: 'delete',
      operation: 'hooks.delete',
      positional: ['id'],
      confirm: 'This deletes the run hook {id} with its secret.',
      done: 'deleted {id}',
    },
    { verb: 'test', operation: 'hooks.test', positional: ['id'] },
  ],
}

const TOOL_HELP = {
  agents: 'JSON list of keys of agents that may use it, * for all; nobody without',
  parameters: 'JSON Schema of its arguments',
  path: 'of the request; {name} stands for an argument',
  headers: 'JSON of header names and values; asked for without echo',
  env: 'JSON of variables for its command; asked for without echo',
}

export const CUSTOM_TOOLS: Noun = {
  name: 'custom-tools',
  summary: 'tools that the tenant defines itself',
  commands: [
    {
      verb: 'list',
      operation: 'tools.custom.list',
      rows: 'tools',
      columns: ['name', 'kind', 'group', 'agents', 'enabled'],
      none: 'There are no custom tools.',
    },
    { verb: 'get', operation: 'tools.custom.get', positional: ['id'] },
    {
      verb: 'create',
      operation: 'tools.custom.create',
      positional: ['name'],
      secrets: ['headers', 'env'],
      help: TOOL_HELP,
      done: 'added {name}',
    },
    {
      verb: 'update',
      operation: 'tools.custom.update',
      positional: ['id'],
      secrets: ['headers', 'env'],
      help: TOOL_HELP,
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'tools.custom.delete',
      positional: ['id'],
      confirm: 'This deletes the tool {id} with its headers and variables.',
      done: 'deleted {id}',
    },
    {
      verb: 'test',
      operation: 'tools.custom.test',
      positional: ['id'],
      help: { arguments: 'as JSON' },
    },
  ],
}
