/** Whose tools the agents have, and from where. */
import { about, aboutAddresses, type Check } from './facts.ts'

export const mcpChecks: Check = ({ tenant: { mcpServers } }) => {
  const enabled = mcpServers.filter(({ isEnabled }) => isEnabled)
  return [
    ...about(
      enabled.filter(({ isUnrestricted }) => isUnrestricted).map(({ name }) => name),
      {
        checkId: 'mcp.unrestricted',
        severity: 'warn',
        title: 'An MCP server is open to every agent',
        detail: (list) => `Granted with *: ${list}.`,
        remediation: 'Name the agents that need it.',
      },
    ),
    ...aboutAddresses('mcp', { one: 'An MCP server', what: 'Keys and tool calls' }, mcpServers),
    ...about(
      enabled.filter(({ hasQuery }) => hasQuery).map(({ name }) => name),
      {
        checkId: 'mcp.query_in_url',
        severity: 'warn',
        title: 'The address of an MCP server carries parameters',
        detail: (list) => `A key in them is stored and shown as it is: ${list}.`,
        remediation: 'Give keys as api_key or headers, which are sealed.',
      },
    ),
    ...about(
      enabled
        .filter(({ waitingTools }) => waitingTools > 0)
        .map(({ name, waitingTools }) => `${name} (${waitingTools})`),
      {
        checkId: 'mcp.tools_waiting',
        severity: 'info',
        title: 'Tools of MCP servers are new, or have changed',
        detail: (list) => `Out of use until an admin agrees: ${list}.`,
        remediation: 'Look at them with edgeclaw mcp tools, and agree or let them be.',
      },
    ),
  ]
}
