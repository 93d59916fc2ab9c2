/** Operations as queries and changes: kept, repeated and made stale by one rule for all pages. */
import {
  keepPreviousData,
  QueryClient,
  type QueryClientConfig,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useState } from 'react'
import { gateway, type OperationName, type ParamsOf, type ResultOf } from './gateway.ts'
import { makeStale } from './make-stale.ts'
import { repeatAfterMs, repeatsQuery } from './repeat.ts'
import { currentVisit } from './visit.ts'

const STALE_MS = 15_000

const DEFAULTS: QueryClientConfig = {
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      refetchOnWindowFocus: true,
      retry: repeatsQuery,
      retryDelay: (failures, error) => repeatAfterMs(error, failures) ?? 0,
    },
  },
}

/** Of one person in one tenant: another's answers are never in it. */
export const newQueryClient = (): QueryClient => new QueryClient(DEFAULTS)

export interface ReadOptions {
  readonly enabled?: boolean
  /** Asks again so often while the page is seen. */
  readonly everyMs?: number
  /** Shows the answer to the former params until that to the new ones is there. */
  readonly keepsPrevious?: boolean
}

export const operationKey = <Name extends OperationName>(name: Name, params: ParamsOf<Name>) =>
  [...name.split('.'), params] as const

/** What an operation answers; asked again when something of the same resource was changed here. */
export function useOperation<Name extends OperationName>(
  name: Name,
  params: ParamsOf<Name>,
  { enabled = true, everyMs, keepsPrevious = false }: ReadOptions = {},
): UseQueryResult<ResultOf<Name>> {
  return useQuery<ResultOf<Name>>({
    queryKey: operationKey(name, params),
    queryFn: ({ signal }) => gateway.read(name, params, signal),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
    ...(keepsPrevious ? { placeholderData: keepPreviousData } : {}),
  })
}

export interface ChangeOptions<Name extends OperationName> {
  /** Beside its own resource: names or beginnings of names whose answers it makes stale. */
  readonly alsoStale?: readonly string[]
  readonly onDone?: (result: ResultOf<Name>, params: ParamsOf<Name>) => void
}

/** Makes a change; the answers of the same resource are stale afterwards. */
export function useChange<Name extends OperationName>(
  name: Name,
  { alsoStale = [], onDone }: ChangeOptions<Name> = {},
): UseMutationResult<ResultOf<Name>, Error, ParamsOf<Name>> {
  const queries = useQueryClient()
  // In which the question stands: what is answered later is meant for no other.
  const [visit] = useState(currentVisit)
  return useMutation<ResultOf<Name>, Error, ParamsOf<Name>>({
    mutationFn: (params) => gateway.change(name, params, visit),
    onSuccess: (result, params) => onDone?.(result, params),
    // After a failure as well: what was lost on the way may have been done.
    onSettled: async () => {
      const [resource = ''] = name.split('.')
      await Promise.all([resource, ...alsoStale].map((each) => makeStale(queries, each)))
    },
  })
}
