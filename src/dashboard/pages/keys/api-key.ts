/** A key as the list shows it: without its secret. */
import type { ResultOf } from '../../client/gateway.ts'

export type ApiKey = ResultOf<'api_keys.list'>['keys'][number]

/** A key as it is shown once. */
export interface MadeKey {
  readonly name: string
  readonly key: string
}
