/** Sessions page by page, as the gateway pages them. */
import { useEffect, useMemo, useRef } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { usePages } from '../../client/use-pages.ts'

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
  const query = usePages(
    'sessions.list',
    { ...filter, limit: PAGE },
    { key: SESSION_PAGES, keepsPrevious: true },
  )
  const newest = useOperation('sessions.list', { ...filter, limit: 1 }).data
  const [first] = newest?.sessions ?? []
  const mark = `${first?.key} ${first?.updated} ${first?.label} ${newest?.total}`
  const marked = useRef(mark)
  const { refetch, data } = query
  const pages = data?.length ?? 0
  useEffect(() => {
    if (marked.current === mark) return
    marked.current = mark
    if (pages <= FEW_PAGES) void refetch()
  }, [mark, pages, refetch])
  const sessions = useMemo(() => {
    const seen = new Set<string>()
    // Sessions move to the front while one pages: each is listed once.
    return (data ?? [])
      .flatMap((page) => page.sessions)
      .filter(({ key }) => !seen.has(key) && seen.add(key))
  }, [data])
  return { query, sessions, total: data?.at(-1)?.total ?? 0 }
}
