/** Sessions page by page, as the gateway pages them. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { gateway, type ResultOf } from '../../client/gateway.ts'
import { useOperation } from '../../client/use-operation.ts'

export type Session = ResultOf<'sessions.list'>['sessions'][number]

export interface SessionFilter {
  readonly agentId?: string
  readonly channel?: string
  readonly search?: string
}

const PAGE = 100
/** Whoever changes a session makes it stale; events do so only while few pages are loaded. */
export const SESSION_PAGES = 'session-pages'
const FEW_PAGES = 3

export function useSessions(filter: SessionFilter) {
  const query = useInfiniteQuery({
    queryKey: [SESSION_PAGES, filter],
    queryFn: ({ pageParam: cursor, signal }) =>
      gateway.read('sessions.list', { ...filter, limit: PAGE, cursor }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // Each further page would be compared with all rows that are there.
    structuralSharing: false,
  })
  const newest = useOperation('sessions.list', { ...filter, limit: 1 }).data
  const [first] = newest?.sessions ?? []
  const mark = `${first?.key} ${first?.updated} ${first?.label} ${newest?.total}`
  const marked = useRef(mark)
  const { refetch, data } = query
  const pages = data?.pages.length ?? 0
  useEffect(() => {
    if (marked.current === mark) return
    marked.current = mark
    if (pages <= FEW_PAGES) void refetch()
  }, [mark, pages, refetch])
  const sessions = useMemo(() => {
    const seen = new Set<string>()
    // Sessions move to the front while one pages: each is listed once.
    return (data?.pages ?? [])
      .flatMap((page) => page.sessions)
      .filter(({ key }) => !seen.has(key) && seen.add(key))
  }, [data])
  return { query, sessions, total: data?.pages.at(-1)?.total ?? 0 }
}
