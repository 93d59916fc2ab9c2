/** Whose tools the agents have, and from where. */
import { about, type Check } from './facts.ts'

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
    ...about(
      enabled.filter(({ isPrivate }) => isPrivate).map(({ name }) => name),
      {
        checkId: 'mcp.private_url',
        severity: 'critical',
        title: 'An MCP server lies in a private network',
        detail: (list) => `Reached from inside: ${list}.`,
        remediation: 'Use a public https address, or suppress this with the reason.',
      },
    ),
  ]
}
