/** One completion or response as both of its ways of being answered need it. */
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { RunId } from '../domain/ids.ts'
import type { Sampling } from '../domain/ports/session.ts'
import type { Principal } from '../domain/principal.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { CallerConversation } from '../protocol/openai.ts'
import type { Teller } from '../protocol/openai-teller.ts'
import type { HeaderPairs } from '../transport/cors.ts'
import type { Settings } from './env.ts'
import { withHeaders } from './http-response.ts'

/** The run that answers; a stateless answer has none. */
export interface CompletionRun {
  readonly sessionKey: string
  readonly runId: RunId
}

export interface Completion {
  readonly isStreamed: boolean
  readonly conversation: CallerConversation
  /** Tells the answer in the words of the door that was knocked at. */
  readonly tellerFor: (run: CompletionRun | null) => Teller | Promise<Teller>
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
