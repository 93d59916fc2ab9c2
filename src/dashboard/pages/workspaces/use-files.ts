/** The files below a folder: page after page, each asked for when it is wanted. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { makeStale } from '../../client/make-stale.ts'
import { usePages } from '../../client/use-pages.ts'
import type { Place } from './files.ts'

const PAGE = 1_000

export const useFiles = ({ agent, user, isOwn }: Place, prefix: string) =>
  usePages('workspaces.files', {
    agentId: agent,
    ...(isOwn ? {} : { user_id: user }),
    prefix,
    limit: PAGE,
  })

/** What changes files of a workspace makes all lists of them stale. */
export function useFileChange<Given>(act: (given: Given) => Promise<void>) {
  const queries = useQueryClient()
  return useMutation<void, Error, Given>({
    mutationFn: act,
    onSettled: () => makeStale(queries, 'workspaces'),
  })
}
