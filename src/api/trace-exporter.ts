/** Where the tenant's traces are sent (OTLP over HTTP). Headers go in and never come out again. */
import { z } from 'zod'
import { sealTraceHeaders } from '../crypto/trace-secret.ts'
import { findTraceExporter, setTraceExporter, type TraceExporter } from '../db/trace-exporters.ts'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { checkPrivateNetwork } from './provider-fields.ts'

const MASKED = '***'
const MAX_HEADERS = 20
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const headersParam = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a header name')
      .refine((name) => !RESERVED.has(name.toLowerCase()), 'is a header that is set by itself'),
    z
      .string()
      .min(1)
      .max(8_000)
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
      .refine((value) => value !== MASKED, 'is the mask: give every header anew, or none'),
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, 'too many headers')

const exporterRow = z.object({
  endpoint: z.string(),
  enabled: z.boolean(),
  allow_private_network: z.boolean(),
  headers: z.string(),
  last_error: z.string().nullable(),
  last_sent_at: z.number().nullable(),
})

const toRow = (exporter: TraceExporter): z.infer<typeof exporterRow> => ({
  endpoint: exporter.endpoint,
  enabled: exporter.enabled,
  allow_private_network: exporter.allowPrivateNetwork,
  headers: exporter.sealedHeaders === null ? '' : MASKED,
  last_error: exporter.lastError,
  last_sent_at: exporter.lastSentAt,
})

export const traceExporterGet = operation({
  name: 'traces.exporter.get',
  summary: 'Where traces are sent, and what came of it last',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ exporter: exporterRow.nullable() }),
  http: { method: 'GET', path: '/v1/traces-exporter' },
  run: async ({ services, principal: { tenantId } }) => {
    const found = await findTraceExporter(services.database(tenantId), tenantId)
    return ok({ exporter: found && toRow(found) })
  },
})

export const traceExporterSet = operation({
  name: 'traces.exporter.set',
  summary:
    'Has the traces of runs that end from now on sent over OTLP/HTTP; another address erases the headers',
  access: ADMIN,
  params: z.object({
    endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
    headers: headersParam.optional().describe('sent along, kept sealed; absent: as they are'),
    enabled: z.boolean().default(true),
    allow_private_network: z.boolean().default(false),
  }),
  result: z.object({ exporter: exporterRow }),
  http: { method: 'PUT', path: '/v1/traces-exporter' },
  audit: ({ enabled, headers }, { exporter }) => ({
    host: new URL(exporter.endpoint).host,
    enabled: String(enabled),
    headers: headers === undefined ? 'kept' : 'set',
  }),
  run: async (context, params) => {
    const { services, principal } = context
    const { tenantId } = principal
    const { endpoint, enabled, headers } = params
    const { username, password, protocol } = new URL(endpoint)
    if (username !== '' || password !== '') {
      return err(refusal('INVALID_REQUEST', 'the endpoint holds a credential: give it as a header'))
    }
    if (protocol === 'http:' && !params.allow_private_network) {
      return err(refusal('INVALID_REQUEST', 'the endpoint must be https'))
    }
    const db = services.database(tenantId)
    const earlier = await findTraceExporter(db, tenantId)
    const allowed = checkPrivateNetwork(context, {
      allowPrivateNetwork: params.allow_private_network,
    })
    if (!allowed.ok) return allowed
    const kept = earlier?.endpoint === endpoint ? earlier.sealedHeaders : null
    const sealedHeaders =
      headers === undefined
        ? kept
        : Object.keys(headers).length === 0
          ? null
          : await sealTraceHeaders(services.keyRing, tenantId, JSON.stringify(headers))
    const exporter = {
      endpoint,
      enabled,
      allowPrivateNetwork: params.allow_private_network,
      sealedHeaders,
    }
    await setTraceExporter(db, tenantId, exporter, services.now())
    return ok({ exporter: toRow({ ...exporter, lastError: null, lastSentAt: null }) })
  },
})
