/**
 * Tools that a tenant brings along beside the built-in ones, for one agent. All of it is in the
 * snapshot: what a model is offered needs no look at anybody's server.
 */
import type { AgentRecord } from '../domain/agent-record.ts'
import { mayUseCustomTool } from '../domain/custom-tool.ts'
import { isAgreed, mayUseServer } from '../domain/mcp.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { createCustomTool } from '../tools/custom/tool.ts'
import { createMcpTool } from '../tools/mcp/tool.ts'
import { SKILL_TOOLS } from '../tools/skills/tools.ts'
import type { Tool } from '../tools/tool.ts'

export const dynamicToolsOf = (snapshot: TenantSnapshot, agent: AgentRecord): readonly Tool[] => [
  ...mcpToolsOf(snapshot, agent),
  ...skillToolsOf(snapshot, agent),
  ...customToolsOf(snapshot, agent),
]

/** Those that an admin agreed to as they are now. */
const mcpToolsOf = ({ mcpServers }: TenantSnapshot, { key }: AgentRecord): readonly Tool[] =>
  mcpServers
    .filter((server) => mayUseServer(server, key))
    .flatMap((server) => server.tools.filter(isAgreed).map((tool) => createMcpTool(server, tool)))

/** Whom of the agent's people a skill is for is the port's to say, call by call. */
const skillToolsOf = ({ skills }: TenantSnapshot, { id }: AgentRecord): readonly Tool[] =>
  skills.some(({ enabled, grants }) => enabled && grants.some(({ agentId }) => agentId === id))
    ? SKILL_TOOLS
    : []
/** Whom none is granted has none. */
const customToolsOf = ({ customTools }: TenantSnapshot, { key }: AgentRecord): readonly Tool[] =>
  customTools.filter((tool) => mayUseCustomTool(tool, key)).map(createCustomTool)
