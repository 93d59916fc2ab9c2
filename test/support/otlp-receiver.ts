/**
 * What a receiver of OTLP over HTTP makes of a request: decoded with the code that OpenTelemetry generates
 * from its own protobuf definitions, and judged as one would look at it: whose parent is missing.
 */
import generated from '@opentelemetry/otlp-transformer/build/src/generated/root.js'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly status: number
  readonly service: string
  readonly startNanos: string
  readonly endNanos: string
  readonly attributes: Readonly<Record<string, unknown>>
}

interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values: readonly AnyValue[] }
}
interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}
interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly name: string
        readonly kind: number
        readonly startTimeUnixNano: string
        readonly endTimeUnixNano: string
        readonly attributes?: readonly KeyValue[]
        readonly status?: { readonly code?: number }
      }[]
    }[]
  }[]
}
interface Codec {
  decode(bytes: Uint8Array): unknown
  toObject(message: unknown, options: object): unknown
}

const codec = (
  generated as unknown as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceRequest: Codec } } } }
    }
  }
).opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest

const hex = (base64: string | undefined): string =>
  Array.from(atob(base64 ?? ''), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join(
    '',
  )

const readValue = (value: AnyValue): unknown => {
  if (value.arrayValue) return value.arrayValue.values.map(readValue)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue
}

const readValues = (attributes: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]))

/** @throws for anything that is no `ExportTraceServiceRequest` */
export function receiveSpans(body: Uint8Array): readonly ReceivedSpan[] {
  const request = codec.toObject(codec.decode(body), {
    longs: String,
    bytes: String,
  }) as DecodedRequest
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(readValues(resource.attributes)['service.name'])
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        status: span.status?.code ?? 0,
        service,
        startNanos: span.startTimeUnixNano,
        endNanos: span.endTimeUnixNano,
        attributes: readValues(span.attributes),
      }))
  })
}

/** Spans whose parent is neither among them nor the caller's. */
export const orphansOf = (
  spans: readonly Pick<ReceivedSpan, 'spanId' | 'parentSpanId' | 'name'>[],
  callerSpanId = '',
): readonly string[] => {
  const known = new Set([...spans.map(({ spanId }) => spanId), callerSpanId])
  return spans.filter(({ parentSpanId }) => !known.has(parentSpanId)).map(({ name }) => name)
}
