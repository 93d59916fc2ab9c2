/** A list of the gateway in pages that name the next one by a cursor: each is asked for when it is wanted. */
import { type InfiniteData, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { gateway, type OperationName, type ParamsOf, type ResultOf } from './gateway.ts'

/** Operations that answer so. */
type PagedName = {
  [Name in OperationName]: ResultOf<Name> extends { readonly next: string | null }
    ? 'cursor' extends keyof ParamsOf<Name>
      ? Name
      : never
    : never
}[OperationName]

export interface PagesOptions {
  /** What makes it stale; else whatever makes the operation's other answers stale. */
  readonly key?: string
  /** Shows the pages of the former params until those of the new ones are there. */
  readonly keepsPrevious?: boolean
}

const pagesIn = <Page>({ pages }: InfiniteData<Page>): readonly Page[] => pages

/** `data` is the pages that were read, as the operation answers them. */
export function usePages<Name extends PagedName>(
  name: Name,
  params: ParamsOf<Name>,
  { key = name, keepsPrevious = false }: PagesOptions = {},
) {
  return useInfiniteQuery({
    queryKey: [...key.split('.'), 'pages', params],
    queryFn: ({ pageParam: cursor, signal }) => gateway.read(name, { ...params, cursor }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: pagesIn<ResultOf<Name>>,
    // Each further page would be compared with all rows that are there.
    structuralSharing: false,
    ...(keepsPrevious ? { placeholderData: keepPreviousData } : {}),
  })
}
