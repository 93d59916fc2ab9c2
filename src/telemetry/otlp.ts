/** Traces as OTLP takes them over HTTP: `ExportTraceServiceRequest` in protobuf, one resource a process. */
import { type Attributes, type AttributeValue, SPAN_SERVICES, type Span } from '../domain/trace.ts'
import {
  bytesField,
  doubleField,
  type Field,
  fixedField,
  integerField,
  joined,
  messageField,
  textField,
} from './protobuf.ts'

export const OTLP_CONTENT_TYPE = 'application/x-protobuf'

/** The numbers of opentelemetry/proto/trace/v1/trace.proto. */
const KINDS = { internal: 1, server: 2, client: 3 } as const
const STATUS_CODES = { unset: 0, ok: 1, error: 2 } as const
const SERVICE_NAMES = { gateway: 'edgeclaw', 'sandbox-runner': 'edgeclaw-sandbox-runner' } as const
const NANOS_PER_MS = 1_000_000n

export interface ExportedTrace {
  readonly traceId: string
  readonly spans: readonly Span[]
}

const hexBytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const nanos = (ms: number): bigint => BigInt(Math.trunc(ms)) * NANOS_PER_MS

function anyValue(value: AttributeValue): readonly Field[] {
  if (typeof value === 'string') return [textField(1, value)]
  if (typeof value === 'boolean') return [integerField(2, value ? 1 : 0)]
  if (typeof value === 'number')
    return [Number.isSafeInteger(value) ? integerField(3, value) : doubleField(4, value)]
  return [messageField(5, ...value.map((one) => messageField(1, textField(1, one))))]
}

const attribute = (field: number, key: string, value: AttributeValue): Field =>
  messageField(field, textField(1, key), messageField(2, ...anyValue(value)))

const attributesOf = (field: number, attributes: Attributes): readonly Field[] =>
  Object.entries(attributes).map(([key, value]) => attribute(field, key, value))

const spanField = (traceId: string, span: Span): Field =>
  messageField(
    2,
    bytesField(1, hexBytes(traceId)),
    bytesField(2, hexBytes(span.spanId)),
    ...(span.parentSpanId === null ? [] : [bytesField(4, hexBytes(span.parentSpanId))]),
    textField(5, span.name),
    integerField(6, KINDS[span.kind]),
    fixedField(7, nanos(span.startedAt)),
    fixedField(8, nanos(span.endedAt)),
    ...attributesOf(9, span.attributes),
    messageField(15, integerField(3, STATUS_CODES[span.status])),
  )

/** @param tenant by which its receiver tells tenants apart */
export function encodeTraces(
  traces: readonly ExportedTrace[],
  { tenant, version }: { readonly tenant: string; readonly version: string },
): Uint8Array<ArrayBuffer> {
  const resources = SPAN_SERVICES.flatMap((service) => {
    const spans = traces.flatMap(({ traceId, spans }) =>
      spans.filter((span) => span.service === service).map((span) => spanField(traceId, span)),
    )
    if (spans.length === 0) return []
    const resource = messageField(
      1,
      attribute(1, 'service.name', SERVICE_NAMES[service]),
      attribute(1, 'service.version', version),
      attribute(1, 'edgeclaw.tenant', tenant),
    )
    const scope = messageField(1, textField(1, 'edgeclaw'), textField(2, version))
    return [messageField(1, resource, messageField(2, scope, ...spans))]
  })
  return joined(resources.flat())
}
