// Written by `npm run operations` from the registry.

export interface TracesOperations {
  /** Where traces are sent, and what came of it last */
  'traces.exporter.get': {
    params: Record<string, unknown>
    result: {
      exporter: {
        endpoint: string
        enabled: boolean
        allow_private_network: boolean
        headers: string
        last_error: string | null
        last_sent_at: number | null
      } | null
    }
  }
  /** Has the traces of runs that end from now on sent over OTLP/HTTP; another address erases the headers */
  'traces.exporter.set': {
    params: {
      endpoint: string
      headers?: Readonly<Record<string, string>>
      enabled?: boolean
      allow_private_network?: boolean
    }
    result: {
      exporter: {
        endpoint: string
        enabled: boolean
        allow_private_network: boolean
        headers: string
        last_error: string | null
        last_sent_at: number | null
      }
    }
  }
  /** The spans of one trace, of all runs in it that the caller may see */
  'traces.get': {
    params: { traceId: string }
    result: {
      traceId: string
      runs: readonly {
        traceId: string
        runId: string
        agentId: string
        sessionKey: string
        userId: string
        status: string
        startedAt: string
        durationMs: number
        spans: number
        droppedSpans: number
      }[]
      spans: readonly ({
        spanId: string
        parentSpanId: string | null
        runId: string
        name: string
        kind: string
        service: string
        status: string
        startedAt: string
        durationMs: number
        attributes: Readonly<Record<string, unknown>>
      })[]
    }
  }
  /** Traces of runs, newest first: one’s own, or for admins everybody’s */
  'traces.list': {
    params: {
      limit?: number
      agentId?: string | null
      sessionKey?: string | null
      userId?: string | null
      failed?: string | boolean | null
      since?: string
      before?: string
    }
    result: {
      traces: readonly {
        traceId: string
        runId: string
        agentId: string
        sessionKey: string
        userId: string
        status: string
        startedAt: string
        durationMs: number
        spans: number
        droppedSpans: number
      }[]
      nextBefore: string | null
    }
  }
}
