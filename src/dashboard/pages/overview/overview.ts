/** What the gateway answers about what goes on. */
import type { ResultOf } from '../../client/gateway.ts'

export type Overview = ResultOf<'overview.get'>
