/** The tenant's configuration document: read, replaced or merged, always against a known hash. */
import { z } from 'zod'
import { loadConfig, writeConfig } from '../db/tenant-config.ts'
import {
  DEFAULT_TENANT_CONFIG,
  type TenantConfigDocument,
  tenantConfigSchema,
} from '../domain/config/tenant-config.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { ADMIN, VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { mergePatch } from './merge-patch.ts'
import { operation } from './operation.ts'
import { MAX_DOCUMENT_CHARS } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const configView = z.record(z.string(), z.unknown())

export const configGet = operation({
  name: 'config.get',
  summary: 'The configuration in force, with its hash',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ config: configView, hash: z.string() }),
  http: { method: 'GET', path: '/v1/config' },
  run: async ({ snapshot }) => ok({ config: snapshot.config, hash: snapshot.configHash }),
})

export const configDefaults = operation({
  name: 'config.defaults',
  summary: 'What an empty document means',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ config: configView }),
  run: async () => ok({ config: DEFAULT_TENANT_CONFIG }),
})

export const configSchema = operation({
  name: 'config.schema',
  summary: 'JSON Schema of the document',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ schema: configView }),
  http: { method: 'GET', path: '/v1/config/schema' },
  run: async () => ok({ schema: z.toJSONSchema(tenantConfigSchema, { io: 'input' }) }),
})

const change = z.object({
  /** The document or the patch, as JSON text or as an object. */
  raw: z.union([z.string().max(500_000), z.record(z.string(), z.unknown())]),
  baseHash: z.string().max(100).nullish(),
  /** Judges the change and answers what it would come to; nothing is written. */
  dryRun: z.boolean().nullish(),
})
type Change = z.output<typeof change>
const changed = z.object({
  ok: z.literal(true),
  config: configView,
  hash: z.string(),
  restart: z.literal(false),
})

function parseRaw(raw: Change['raw']): Result<Record<string, unknown>, Refusal> {
  if (typeof raw !== 'string') return ok(raw)
  try {
    const json: unknown = JSON.parse(raw)
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return ok(json as Record<string, unknown>)
  } catch {
    // Told below, in the same words.
  }
  return err(refusal('INVALID_REQUEST', 'raw must hold a JSON object'))
}

const STALE = refusal(
  'FAILED_PRECONDITION',
  'the configuration was changed meanwhile: read it again and repeat',
)

async function write(
  context: OperationContext,
  params: Change,
  next: (current: unknown, raw: Record<string, unknown>) => unknown,
): Promise<Result<z.infer<typeof changed>, Refusal>> {
  const { services, principal } = context
  const { tenantId } = principal
  const raw = parseRaw(params.raw)
  if (!raw.ok) return raw
  const current = await loadConfig(services.database(tenantId), tenantId)
  if (!current || (params.baseHash && params.baseHash !== current.hash)) return err(STALE)
  const document = next(current.document, raw.value)
  const parsed = tenantConfigSchema.safeParse(document)
  if (!parsed.success) return err(describeFault(parsed.error))
  if (JSON.stringify(document).length > MAX_DOCUMENT_CHARS) {
    return err(
      refusal(
        'INVALID_REQUEST',
        `the configuration is longer than ${MAX_DOCUMENT_CHARS} characters`,
      ),
    )
  }
  const checked = context.catalog.checkConfig(parsed.data)
  if (!checked.ok) return err(refusal('INVALID_REQUEST', checked.error))
  if (params.dryRun) {
    return ok({
      ok: true as const,
      config: parsed.data,
      hash: current.hash,
      restart: false as const,
    })
  }
  const written = await changeTenant(services, tenantId, () =>
    writeConfig(
      services.database(tenantId),
      tenantId,
      {
        document: document as TenantConfigDocument,
        baseHash: current.hash,
        userId: principal.userId,
      },
      services.now(),
    ),
  )
  if (!written.ok) return err(STALE)
  const { hash } = written.value
  context.report(securityEvent('config_changed', { config: hash.slice(0, 12) }, 'info'))
  await services.tenant(tenantId).publish('config.changed', { hash }, { kind: 'admins' })
  return ok({ ok: true as const, config: parsed.data, hash, restart: false as const })
}

function describeFault(error: z.ZodError): Refusal {
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  if (issue?.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`)).join(', ')
    return refusal(
      'INVALID_REQUEST',
      `the configuration has no key ${keys}; platform settings are the operator's`,
    )
  }
  return refusal('INVALID_REQUEST', `${path}: ${issue?.message ?? 'is not valid'}`)
}

export const configApply = operation({
  name: 'config.apply',
  summary: 'Replaces the configuration; acts in running sessions at once',
  access: ADMIN,
  params: change,
  result: changed,
  http: { method: 'PUT', path: '/v1/config' },
  audit: ({ dryRun }, { hash }) => (dryRun ? null : { hash }),
  run: (context, params) => write(context, params, (_current, raw) => raw),
})

export const configPatch = operation({
  name: 'config.patch',
  summary: 'Merges a patch into the configuration (RFC 7396: null removes a key)',
  access: ADMIN,
  params: change,
  result: changed,
  http: { method: 'PATCH', path: '/v1/config' },
  audit: ({ dryRun }, { hash }) => (dryRun ? null : { hash }),
  run: (context, params) => write(context, params, (current, raw) => mergePatch(current, raw)),
})
