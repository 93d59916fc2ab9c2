/** Sessions page by page, as the gateway pages them. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { gateway, type ResultOf } from '../../client/gateway.ts'

export type Session = ResultOf<'sessions.list'>['sessions'][number]

export interface SessionFilter {
  readonly agentId?: string
  readonly channel?: string
  readonly search?: string
}

const PAGE = 100

export function useSessions(filter: SessionFilter) {
  const query = useInfiniteQuery({
    // Under the name of the operation: what makes it stale makes this stale.
    queryKey: ['sessions', 'list', 'pages', filter],
    queryFn: ({ pageParam: cursor, signal }) =>
      gateway.read('sessions.list', { ...filter, limit: PAGE, cursor }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const seen = new Set<string>()
  // Sessions move to the front while one pages: each is listed once.
  const sessions = (query.data?.pages ?? [])
    .flatMap((page) => page.sessions)
    .filter(({ key }) => !seen.has(key) && seen.add(key))
  return { query, sessions, total: query.data?.pages.at(-1)?.total ?? 0 }
}
