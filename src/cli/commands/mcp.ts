/** `edgeclaw mcp`: the servers whose tools agents may use. */
import type { Noun } from './command.ts'

const TOOL_COLUMNS = ['offered_as', 'state', 'hash', 'description'] as const
const KEY_HELP = {
  api_key: 'sent as a bearer token; asked for without echo',
  headers: 'JSON of header names and values, for servers that want the key elsewhere',
  agents: 'keys of agents that may use it, * for all; nobody without',
}

export const MCP: Noun = {
  name: 'mcp',
  summary: 'servers whose tools agents may use (Model Context Protocol)',
  notes: `  edgeclaw mcp create files https://mcp.example/mcp --agents '["*"]'
  edgeclaw mcp reconnect files    looks at its tools and keeps them
  edgeclaw mcp authorize files    for a server that wants a sign-in`,
  commands: [
    {
      verb: 'list',
      operation: 'mcp.servers.list',
      rows: 'servers',
      columns: ['name', 'transport', 'enabled', 'tools', 'waiting'],
      none: 'There are no MCP servers.',
    },
    { verb: 'get', operation: 'mcp.servers.get', positional: ['id'] },
    {
      verb: 'create',
      operation: 'mcp.servers.create',
      positional: ['name', 'url'],
      secrets: ['api_key', 'oauth_client_secret'],
      help: KEY_HELP,
      done: 'added {name}; look at its tools with: edgeclaw mcp reconnect {name}',
    },
    {
      verb: 'update',
      operation: 'mcp.servers.update',
      positional: ['id'],
      secrets: ['api_key', 'oauth_client_secret'],
      help: KEY_HELP,
      done: 'changed {id}',
    },
    {
      verb: 'delete',
      operation: 'mcp.servers.delete',
      positional: ['id'],
      confirm: 'This deletes the MCP server {id} with its keys.',
      done: 'deleted {id}',
    },
    {
      verb: 'test',
      operation: 'mcp.servers.test',
      positional: ['id'],
      rows: 'tools',
      columns: TOOL_COLUMNS,
      none: 'The server has no tools.',
    },
    {
      verb: 'reconnect',
      operation: 'mcp.servers.reconnect',
      positional: ['id'],
      rows: 'tools',
      columns: TOOL_COLUMNS,
      none: 'The server has no tools.',
    },
    {
      verb: 'tools',
      operation: 'mcp.servers.tools',
      positional: ['id'],
      rows: 'tools',
      columns: TOOL_COLUMNS,
      none: 'Nothing is kept of this server; look at it with: edgeclaw mcp reconnect',
    },
    {
      verb: 'agree',
      operation: 'mcp.servers.agree',
      positional: ['id'],
      help: { hashes: 'of tools as `edgeclaw mcp tools` shows them' },
      done: 'agreed',
    },
    {
      verb: 'resources',
      operation: 'mcp.servers.resources',
      positional: ['id'],
      rows: 'resources',
      columns: ['name', 'uri', 'description'],
    },
    {
      verb: 'prompts',
      operation: 'mcp.servers.prompts',
      positional: ['id'],
      rows: 'prompts',
      columns: ['name', 'description'],
    },
    { verb: 'authorize', operation: 'mcp.servers.authorize', positional: ['id'] },
    {
      verb: 'authorized',
      operation: 'mcp.servers.authorized',
      positional: ['id', 'code'],
      done: 'authorised {id}',
    },
  ],
}
