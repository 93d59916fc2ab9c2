/** What was answered before something changed is asked for again. */
import type { QueryClient } from '@tanstack/react-query'

/**
 * Answers whose names begin like `name` are asked for again where they are shown. A first answer that is
 * still on its way is not begun anew by this, and may have been read before the change: once more, then.
 */
export async function makeStale(queries: QueryClient, name: string): Promise<void> {
  const queryKey = name.split('.')
  const onTheirWay = new Set(
    queries
      .getQueryCache()
      .findAll({ queryKey, fetchStatus: 'fetching' })
      .filter(({ state }) => state.data === undefined),
  )
  await queries.invalidateQueries({ queryKey })
  if (onTheirWay.size > 0)
    await queries.invalidateQueries({ queryKey, predicate: (query) => onTheirWay.has(query) })
}
