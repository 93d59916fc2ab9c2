/** Jobs and their runs page by page, as the gateway pages them. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { gateway, type ResultOf } from '../../client/gateway.ts'
import type { Job } from './job.ts'

export type Run = ResultOf<'cron.runs'>['runs'][number]

const JOBS = 100
const RUNS = 20
/** While a run goes on: its end is told to its owner alone. */
const OPEN_EVERY_MS = 3_000

export function useJobs() {
  return useInfiniteQuery({
    queryKey: ['cron', 'list', 'pages'],
    queryFn: ({ pageParam: after, signal }) =>
      gateway.read('cron.list', { limit: JOBS, ...(after === null ? {} : { after }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => pages.flatMap(({ jobs }) => jobs),
  })
}

/** One of them by its id: no operation tells of one alone. */
export function useJob(id: string) {
  const query = useJobs()
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query
  const job = data?.find((each) => each.id === id)
  const isSearching = data !== undefined && job === undefined && hasNextPage
  useEffect(() => {
    // After a failure whoever looks says when to go on: it is shown, with a button for that.
    if (isSearching && !isFetching && !isError) void fetchNextPage()
  }, [isSearching, isFetching, isError, fetchNextPage])
  const found: Job | null | undefined =
    job ?? (data === undefined || isSearching ? undefined : null)
  return { data: found, error: query.error, refetch: query.refetch }
}

export const isOpen = ({ status }: Run): boolean => status === 'due' || status === 'running'

export function useRuns(jobId: string) {
  return useInfiniteQuery({
    queryKey: ['cron', 'runs', 'pages', jobId],
    queryFn: ({ pageParam: before, signal }) =>
      gateway.read(
        'cron.runs',
        { jobId, limit: RUNS, ...(before === null ? {} : { before }) },
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ nextBefore }) => nextBefore,
    select: ({ pages }) => pages.flatMap(({ runs }) => runs),
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.runs.some(isOpen) ? OPEN_EVERY_MS : false,
  })
}
