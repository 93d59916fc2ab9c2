/**
 * A list that is read from its newest row backwards while new rows come in front. Only its head is asked
 * again: with thousands of rows read, asking for each page anew would be the same work for nothing.
 */

export interface FeedPage<Row> {
  readonly rows: readonly Row[]
  /** Where the page behind this one begins; null: there is none. */
  readonly next: string | number | null
}

export type Feed<Row> = FeedPage<Row>

/** @returns the feed with what is new in front; the page alone where something may lie between them. */
export function withHead<Row>(
  feed: Feed<Row> | null,
  head: FeedPage<Row>,
  keyOf: (row: Row) => string,
): Feed<Row> {
  if (feed === null || feed.rows.length === 0) return head
  const known = new Set(feed.rows.map(keyOf))
  const fresh = head.rows.filter((row) => !known.has(keyOf(row)))
  if (fresh.length === head.rows.length && head.next !== null) return head
  return fresh.length === 0 ? feed : { rows: [...fresh, ...feed.rows], next: feed.next }
}

export function withOlder<Row>(
  feed: Feed<Row>,
  page: FeedPage<Row>,
  keyOf: (row: Row) => string,
): Feed<Row> {
  const known = new Set(feed.rows.map(keyOf))
  const older = page.rows.filter((row) => !known.has(keyOf(row)))
  return { rows: [...feed.rows, ...older], next: page.next }
}
