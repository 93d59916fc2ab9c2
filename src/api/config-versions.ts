/** Earlier documents: what there are, what one was, and the way back to it. */
import { z } from 'zod'
import {
  type ConfigVersion,
  findConfigVersion,
  KEPT_CONFIG_VERSIONS,
  listConfigVersions,
} from '../db/tenant-config.ts'
import { changedSettings } from '../domain/config/diff.ts'
import { parseDocument } from '../domain/config/document.ts'
import { maskedDocument } from '../domain/config/mask.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { auditOf } from './config-audit.ts'
import {
  changeConfig,
  changedConfig,
  changeOptions,
  configView,
  settingChanges,
} from './config-change.ts'
import { operation } from './operation.ts'

const numberSchema = z.coerce.number().int().min(1).max(1_000_000_000)

const versionRow = z.object({
  number: z.number(),
  hash: z.string(),
  by: z.string(),
  at: z.string(),
})

const toRow = ({
  number,
  hash,
  createdBy,
  createdAt,
}: ConfigVersion): z.infer<typeof versionRow> => ({
  number,
  hash,
  by: createdBy,
  at: new Date(createdAt).toISOString(),
})

export const configVersionsList = operation({
  name: 'config.versions.list',
  summary: 'The documents that were written, newest first',
  access: ADMIN,
  params: z.object({
    limit: z.coerce.number().int().min(1).max(KEPT_CONFIG_VERSIONS).default(50),
    /** Older than this number: the last one of the page before. */
    before: numberSchema.optional(),
  }),
  result: z.object({ versions: z.array(versionRow), hasMore: z.boolean() }),
  http: { method: 'GET', path: '/v1/config/versions' },
  run: async ({ services, principal: { tenantId } }, { limit, before }) => {
    const page = { limit: limit + 1, before }
    const rows = await listConfigVersions(services.database(tenantId), tenantId, page)
    return ok({ versions: rows.slice(0, limit).map(toRow), hasMore: rows.length > limit })
  },
})

export const configVersionsGet = operation({
  name: 'config.versions.get',
  summary: 'An earlier document, and what going back to it would change',
  access: ADMIN,
  params: z.object({ number: numberSchema }),
  result: versionRow.extend({
    /** As it was stored: what it does not say had its default. */
    config: configView,
    /** From the configuration in force to this one. */
    diff: settingChanges,
    /** Why it can no longer be restored; null when it can. */
    fault: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/config/versions/{number}' },
  run: async ({ services, principal: { tenantId }, snapshot }, { number }) => {
    const version = await findConfigVersion(services.database(tenantId), tenantId, number)
    if (!version) return err(notFound('version'))
    const document = version.document as Readonly<Record<string, unknown>>
    const parsed = parseDocument(document)
    return ok({
      ...toRow(version),
      config: maskedDocument(document),
      diff: parsed.ok ? [...changedSettings(snapshot.config, parsed.value.config)] : [],
      fault: parsed.ok ? null : parsed.error,
    })
  },
})

export const configVersionsRestore = operation({
  name: 'config.versions.restore',
  summary: 'Writes an earlier document anew, as a version of its own',
  access: ADMIN,
  params: z.object({ number: numberSchema, ...changeOptions }),
  result: changedConfig,
  http: { method: 'POST', path: '/v1/config/versions/{number}/restore' },
  audit: async (params, output) => {
    const fields = await auditOf(params, output)
    return fields && { version: String(params.number), ...fields }
  },
  run: async (context, params) => {
    const { services, principal } = context
    const { tenantId } = principal
    const version = await findConfigVersion(services.database(tenantId), tenantId, params.number)
    if (!version) return err(notFound('version'))
    const parsed = parseDocument(version.document)
    if (!parsed.ok) {
      const sentence = `version ${params.number} is no longer valid: ${parsed.error}`
      return err(refusal('FAILED_PRECONDITION', sentence))
    }
    return changeConfig(context, { ...params, next: () => ok(version.document) })
  },
})
