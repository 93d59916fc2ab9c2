/** The files below a folder: page after page, each asked for when it is wanted. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { gateway } from '../../client/gateway.ts'
import { makeStale } from '../../client/use-operation.ts'
import type { Place } from './files.ts'

const PAGE = 1_000

export function useFiles({ agent, user, isOwn }: Place, prefix: string) {
  const params = {
    agentId: agent,
    ...(isOwn ? {} : { user_id: user }),
    prefix,
    limit: PAGE,
  }
  return useInfiniteQuery({
    queryKey: ['workspaces', 'files', params],
    queryFn: ({ pageParam, signal }) =>
      gateway.read(
        'workspaces.files',
        pageParam === null ? params : { ...params, cursor: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
}

/** What changes files of a workspace makes all lists of them stale. */
export function useFileChange<Given>(act: (given: Given) => Promise<void>) {
  const queries = useQueryClient()
  return useMutation<void, Error, Given>({
    mutationFn: act,
    onSettled: () => makeStale(queries, 'workspaces'),
  })
}
