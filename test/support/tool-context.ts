/** Runs a built-in tool as the gates would, on a workspace in memory. */
import type { ChannelFilesPort } from '../../src/domain/ports/channel-files.ts'
import type { CronPort } from '../../src/domain/ports/cron.ts'
import type { CustomToolPort } from '../../src/domain/ports/custom-tools.ts'
import type { McpPort } from '../../src/domain/ports/mcp.ts'
import type { MemoryPort } from '../../src/domain/ports/memory.ts'
import type { SandboxPort } from '../../src/domain/ports/sandbox.ts'
import type { SearchPort } from '../../src/domain/ports/search.ts'
import type { SkillsPort } from '../../src/domain/ports/skills.ts'
import type { SessionsPort, SubAgentPort } from '../../src/domain/ports/sub-agents.ts'
import type { WebPort } from '../../src/domain/ports/web.ts'
import type { ToolOutcome } from '../../src/domain/tool.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin/tools.ts'
import { effectivePolicy } from '../../src/tools/policy.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { NOTHING_REGISTERED } from './credentialed.ts'
import type { MemoryWorkspace } from './memory-workspace.ts'

let calls = 0

export interface ToolCallSetup {
  readonly callId?: string
  readonly isResumed?: boolean
  readonly hasSeenUntrusted?: boolean
  readonly sandbox?: SandboxPort
  readonly web?: WebPort
  readonly search?: SearchPort
  readonly cron?: CronPort
  readonly channelFiles?: ChannelFilesPort
  readonly subAgents?: SubAgentPort
  readonly sessions?: SessionsPort
  readonly mcp?: McpPort
  readonly custom?: CustomToolPort
  readonly memory?: MemoryPort
  readonly skills?: SkillsPort
}

export const toolContext = (
  workspace: MemoryWorkspace,
  setup: ToolCallSetup = {},
): ToolContext => ({
  callId: `call-${++calls}`,
  isResumed: false,
  workspace,
  sandbox: null,
  web: null,
  search: null,
  mcp: null,
  custom: null,
  memory: null,
  skills: null,
  cron: null,
  channelFiles: null,
  subAgents: null,
  sessions: null,
  callTool: async () => ({ content: 'there is none', isError: true }),
  hasSeenUntrusted: false,
  ...NOTHING_REGISTERED,
  access: 'rw',
  policy: effectivePolicy({}),
  signal: new AbortController().signal,
  onActivity: () => {},
  ...setup,
})

export async function runTool(
  name: string,
  args: unknown,
  workspace: MemoryWorkspace,
  setup?: ToolCallSetup,
): Promise<ToolOutcome> {
  const bound = BUILTIN_TOOLS.find((each) => each.name === name)?.bind(args)
  if (bound === undefined || !bound.ok) throw new Error(`bad arguments for ${name}`)
  return bound.value.run(toolContext(workspace, setup))
}
