/** The tenant's configuration document: read, replaced or merged, always against a known hash. */
import { z } from 'zod'
import { maskedDocument } from '../domain/config/mask.ts'
import { DEFAULT_TENANT_CONFIG, tenantConfigSchema } from '../domain/config/tenant-config.ts'
import { isJsonObject, type JsonObject } from '../domain/json-object.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN, OPERATOR, VIEWER } from './access.ts'
import { auditOf } from './config-audit.ts'
import { changeConfig, changedConfig, changeOptions, configView } from './config-change.ts'
import { checkMayChange } from './config-rights.ts'
import { mergePatch } from './merge-patch.ts'
import { operation } from './operation.ts'

export const configGet = operation({
  name: 'config.get',
  summary: 'The configuration in force, masked, with its hash',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ config: configView, hash: z.string() }),
  http: { method: 'GET', path: '/v1/config' },
  run: async ({ snapshot }) =>
    ok({ config: maskedDocument(snapshot.config), hash: snapshot.configHash }),
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
  summary: 'JSON Schema of the document: every setting, its values and what it does',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ schema: configView }),
  http: { method: 'GET', path: '/v1/config/schema' },
  run: async () => ok({ schema: z.toJSONSchema(tenantConfigSchema, { io: 'input' }) }),
})

const change = z.object({
  /** The document or the patch, as JSON text or as an object. */
  raw: z.union([z.string().max(500_000), z.record(z.string(), z.unknown())]),
  ...changeOptions,
})

function parseRaw(raw: z.output<typeof change>['raw']): Result<JsonObject, Refusal> {
  if (typeof raw !== 'string') return ok(raw)
  try {
    const json: unknown = JSON.parse(raw)
    if (isJsonObject(json)) return ok(json)
  } catch {
    // Told below, in the same words.
  }
  return err(refusal('INVALID_REQUEST', 'raw must hold a JSON object'))
}

export const configApply = operation({
  name: 'config.apply',
  summary: 'Replaces the configuration; acts in running sessions at once',
  access: ADMIN,
  params: change,
  result: changedConfig,
  http: { method: 'PUT', path: '/v1/config' },
  audit: auditOf,
  run: async (context, params) => {
    const raw = parseRaw(params.raw)
    return raw.ok ? changeConfig(context, { ...params, next: () => raw }) : raw
  },
})

export const configPatch = operation({
  name: 'config.patch',
  summary: 'Merges a patch into the configuration (RFC 7396: null removes a key)',
  // The least that anybody needs; whoever is no admin needs a permission for each section as well.
  access: OPERATOR,
  params: change,
  result: changedConfig,
  http: { method: 'PATCH', path: '/v1/config' },
  audit: auditOf,
  run: async (context, params) => {
    const raw = parseRaw(params.raw)
    if (!raw.ok) return raw
    const wanted = { types: Object.keys(raw.value), agentId: null }
    const mayChange = await checkMayChange(context, wanted)
    if (!mayChange.ok) return mayChange
    return changeConfig(context, {
      ...params,
      next: ({ document }) => ok(mergePatch(document, raw.value)),
    })
  },
})
