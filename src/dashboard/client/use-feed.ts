/**
 * A list of the gateway that is paged from its newest row on, and whose head stays up to date: of rows that
 * never change once they are written. Those that do are for `usePages`, which reads all of them anew.
 */
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

/** What was read of one question; of another one nothing is known yet. */
interface Reading<Row> {
  readonly asked: string
  readonly feed: Feed<Row>
  readonly isLoadingMore: boolean
  /** Of a further page. */
  readonly error: unknown
}

/** The operation takes `before`: the `next` of a page. */
export function useFeed<Name extends OperationName, Row>(
  name: Name,
  params: ParamsOf<Name>,
  { pageOf, keyOf, read = {} }: FeedOptions<Name, Row>,
): LiveFeed<Row> {
  const asked = JSON.stringify(operationKey(name, params))
  const [state, setState] = useState<Reading<Row> | null>(null)
  const reading = state?.asked === asked ? state : null
  const head = useOperation(name, params, read)
  const ways = useRef({ pageOf, keyOf })
  ways.current = { pageOf, keyOf }
  const { data } = head
  useEffect(() => {
    if (data === undefined) return
    setState((before) => {
      const known = before?.asked === asked ? before : null
      const feed = withHead(known?.feed ?? null, ways.current.pageOf(data), ways.current.keyOf)
      return { asked, isLoadingMore: false, error: null, ...known, feed }
    })
  }, [asked, data])
  const next = reading?.feed.next ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` stands for the name and the parameters
  const more = useCallback(() => {
    if (next === null) return
    const become = (change: (before: Reading<Row>) => Partial<Reading<Row>>) =>
      setState((before) => (before?.asked === asked ? { ...before, ...change(before) } : before))
    become(() => ({ isLoadingMore: true, error: null }))
    gateway.read(name, { ...params, before: next }).then(
      (result) =>
        become(({ feed }) => ({
          isLoadingMore: false,
          feed: withOlder(feed, ways.current.pageOf(result), ways.current.keyOf),
        })),
      (error: unknown) => become(() => ({ isLoadingMore: false, error })),
    )
  }, [asked, next])
  const pageError = reading?.error ?? null
  return {
    rows: reading?.feed.rows ?? null,
    hasMore: next !== null && pageError === null,
    isLoadingMore: reading?.isLoadingMore ?? false,
    more,
    error: pageError ?? head.error,
    retry: () => {
      if (pageError === null) void head.refetch()
      else more()
    },
  }
}
