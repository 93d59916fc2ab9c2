/** One completion as both of its ways of being answered need it. */
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { Sampling } from '../domain/ports/session.ts'
import type { Principal } from '../domain/principal.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type {
  CallerConversation,
  ChatCompletionRequest,
  CompletionIdentity,
} from '../protocol/openai.ts'
import type { HeaderPairs } from '../transport/cors.ts'
import type { Settings } from './env.ts'
import { withHeaders } from './http-response.ts'

export interface Completion {
  readonly request: ChatCompletionRequest
  readonly conversation: CallerConversation
  readonly identity: CompletionIdentity
  readonly sampling: Sampling
  readonly agent: AgentRecord
  readonly snapshot: TenantSnapshot
  readonly principal: Principal
  readonly services: Services
  readonly settings: Settings
  readonly signal: AbortSignal
  /** W3C Trace Context, as the request's header says it. */
  readonly traceparent: string | undefined
}

export const eventStreamResponse = (
  body: ReadableStream<Uint8Array>,
  headers: HeaderPairs = [],
): Response =>
  withHeaders(new Response(body), [
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ...headers,
  ])
