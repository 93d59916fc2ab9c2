/** The groups of tools that policies name as `group:…`. Which tool is in which is said by the tool. */
export const TOOL_GROUPS = [
  'fs',
  'runtime',
  'web',
  'memory',
  'sessions',
  'automation',
  'messaging',
  'mcp',
  'ui',
] as const
export type ToolGroup = (typeof TOOL_GROUPS)[number]
