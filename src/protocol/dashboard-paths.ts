/** First parts of the dashboard's own addresses: a deep link is answered with the page itself. */
export const DASHBOARD_PATHS = [
  'chat',
  'sessions',
  'approvals',
  'schedules',
  'agents',
  'providers',
  'channels',
  'mcp-servers',
  'skills',
  'run-hooks',
  'custom-tools',
  'devices',
  'keys',
  'people',
  'configuration',
  'security',
  'traces',
  'usage',
  'workspaces',
  'logs',
] as const

export type DashboardPath = (typeof DASHBOARD_PATHS)[number]

/** Told by its first part alone: whatever stands in the further ones is the page's own. */
export const isDashboardPath = (pathname: string): boolean => {
  const [, first = ''] = pathname.split('/')
  return (DASHBOARD_PATHS as readonly string[]).includes(first)
}
