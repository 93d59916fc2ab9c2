/** A list of the gateway that is paged from its newest row on, and whose head stays up to date. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Feed, type FeedPage, withHead, withOlder } from './feed.ts'
import { gateway, type OperationName, type ParamsOf, type ResultOf } from './gateway.ts'
import { operationKey, type ReadOptions, useOperation } from './use-operation.ts'

export interface FeedOptions<Name extends OperationName, Row> {
  readonly pageOf: (result: ResultOf<Name>) => FeedPage<Row>
  readonly keyOf: (row: Row) => string
  readonly read?: ReadOptions
}

export interface LiveFeed<Row> {
  readonly rows: readonly Row[] | null
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly more: () => void
  /** Of the head or of a further page; the rows that are there stay. */
  readonly error: unknown
  readonly retry: () => void
}

/** The operation takes `before`: the `next` of a page. */
export function useFeed<Name extends OperationName, Row>(
  name: Name,
  params: ParamsOf<Name>,
  { pageOf, keyOf, read = {} }: FeedOptions<Name, Row>,
): LiveFeed<Row> {
  const asked = JSON.stringify(operationKey(name, params))
  const [state, setState] = useState<{ readonly asked: string; readonly feed: Feed<Row> } | null>(
    null,
  )
  const [pageError, setPageError] = useState<unknown>(null)
  const [isLoadingMore, setLoadingMore] = useState(false)
  const head = useOperation(name, params, read)
  const ways = useRef({ pageOf, keyOf })
  ways.current = { pageOf, keyOf }
  const { data } = head
  useEffect(() => {
    if (data === undefined) return
    setState((before) => ({
      asked,
      feed: withHead(
        before?.asked === asked ? before.feed : null,
        ways.current.pageOf(data),
        ways.current.keyOf,
      ),
    }))
  }, [asked, data])
  const feed = state?.asked === asked ? state.feed : null
  const next = feed?.next ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` stands for the name and the parameters
  const more = useCallback(() => {
    if (next === null) return
    setLoadingMore(true)
    setPageError(null)
    gateway
      .read(name, { ...params, before: next })
      .then((result) =>
        setState((before) =>
          before?.asked === asked
            ? {
                asked,
                feed: withOlder(before.feed, ways.current.pageOf(result), ways.current.keyOf),
              }
            : before,
        ),
      )
      .catch(setPageError)
      .finally(() => setLoadingMore(false))
  }, [asked, next])
  return {
    rows: feed?.rows ?? null,
    hasMore: next !== null && pageError === null,
    isLoadingMore,
    more,
    error: pageError ?? head.error,
    retry: () => {
      if (pageError === null) void head.refetch()
      else more()
    },
  }
}
