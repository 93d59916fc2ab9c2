/** One channel with its settings; credentials are never among them. */
import type { ResultOf } from '../../client/gateway.ts'

export type Channel = ResultOf<'channels.instances.get'>
