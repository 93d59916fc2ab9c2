/** First parts of the dashboard's own addresses: a deep link is answered with the page itself. */
export const DASHBOARD_PATHS = [
  'chat',
  'sessions',
  'approvals',
  'agents',
  'providers',
  'channels',
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

/** A file has an ending; an address of a page has none, whatever stands in its further parts. */
export const isDashboardPath = (pathname: string): boolean => {
  const [, first = ''] = pathname.split('/')
  return (DASHBOARD_PATHS as readonly string[]).includes(first)
}
