/**
 * The global types of workerd that src/ names, for tests that load such files in plain Node: types
 * only. Whatever needs the objects themselves is tried in workerd (test/worker/).
 */
import type * as workerd from '@cloudflare/workers-types/experimental'

declare global {
  type D1Database = workerd.D1Database
  type R2Bucket = workerd.R2Bucket
  type Fetcher = workerd.Fetcher
  type RateLimit = workerd.RateLimit
  type SqlStorage = workerd.SqlStorage
  type SqlStorageValue = workerd.SqlStorageValue
  type SyncKvStorage = workerd.SyncKvStorage
  type DurableObjectState = workerd.DurableObjectState
  type DurableObjectNamespace<
    Class extends workerd.Rpc.DurableObjectBranded | undefined = undefined,
  > = workerd.DurableObjectNamespace<Class>
  export import Rpc = workerd.Rpc
  interface ResponseInit {
    webSocket?: WebSocket | null
  }
}
