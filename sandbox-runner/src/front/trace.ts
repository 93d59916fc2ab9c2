/**
 * W3C Trace Context of one exec: the span that asked for it, and the runner's own below that. It is told
 * back in `traceresponse` and stands in the log; nothing is decided by it, so nobody has signed it.
 */
import { randomBytes } from 'node:crypto'

export interface ExecTrace {
  readonly traceId: string
  readonly parentSpanId: string
  readonly spanId: string
}

/** Null for anything that is no `traceparent` of version 00. */
export function openTrace(header: string | readonly string[] | undefined): ExecTrace | null {
  const [, traceId, parentSpanId] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(String(header ?? '')) ?? []
  if (traceId === undefined || parentSpanId === undefined) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(parentSpanId)) return null
  return { traceId, parentSpanId, spanId: randomBytes(8).toString('hex') }
}

export const traceresponseOf = ({ traceId, spanId }: ExecTrace): string =>
  `00-${traceId}-${spanId}-01`
