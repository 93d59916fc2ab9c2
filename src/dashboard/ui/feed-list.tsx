/** A live feed in whichever state it is, as a list that reads on when its end comes near. */
import type { ReactNode } from 'react'
import type { LiveFeed } from '../client/use-feed.ts'
import { DataList, type DataListProps } from './data-list.tsx'
import { Failure, Loading } from './states.tsx'

export interface FeedListProps<Row>
  extends Pick<DataListProps<Row>, 'label' | 'columns' | 'keyOf' | 'height' | 'rowHeight'> {
  readonly feed: LiveFeed<Row>
  readonly what: string
  readonly empty: ReactNode
}

export function FeedList<Row>({ feed, what, empty, ...list }: FeedListProps<Row>) {
  const { rows, error, retry } = feed
  if (rows === null) {
    return error === null ? <Loading what={what} /> : <Failure error={error} onRetry={retry} />
  }
  return (
    <>
      {rows.length === 0 ? (
        empty
      ) : (
        <DataList
          {...list}
          rows={rows}
          hasMore={feed.hasMore}
          isLoadingMore={feed.isLoadingMore}
          onMore={feed.more}
          failure={error === null ? null : { error, retry }}
        />
      )}
      {rows.length === 0 && error !== null && <Failure error={error} onRetry={retry} />}
    </>
  )
}
