/**
 * The one way by which a tenant's document changes, whether it is replaced, merged or restored:
 * against the newest, with masks undone, judged, compared, written with a version, told.
 */
import { z } from 'zod'
import { canonicalHash } from '../crypto/canonical-json.ts'
import { loadConfig, type StoredConfig, writeConfig } from '../db/tenant-config.ts'
import { changedSettings } from '../domain/config/diff.ts'
import { faultOfShape, parseDocument } from '../domain/config/document.ts'
import { maskedDocument, unmasked } from '../domain/config/mask.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { checkReserved } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { changeTenant } from './tenant-change.ts'

export const configView = z.record(z.string(), z.unknown())

export const settingChanges = z.array(
  z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
)

/** What every change takes beside what it changes to. */
export const changeOptions = {
  /** Refused when it is no longer the newest; without one the newest is what counts. */
  baseHash: z.string().max(100).nullish(),
  /** Judges the change and answers what it would come to; nothing is written. */
  dryRun: z.boolean().nullish(),
}

export const changedConfig = z.object({
  ok: z.literal(true),
  config: configView,
  hash: z.string(),
  restart: z.literal(false),
  diff: settingChanges,
})
export type ChangedConfig = z.infer<typeof changedConfig>

export interface ConfigRequest {
  readonly baseHash?: string | null | undefined
  readonly dryRun?: boolean | null | undefined
  readonly next: (current: StoredConfig) => Result<unknown, Refusal>
}

const STALE = refusal(
  'FAILED_PRECONDITION',
  'the configuration was changed meanwhile: read it again and repeat',
)
const invalid = (sentence: string): Refusal => refusal('INVALID_REQUEST', sentence)

export async function changeConfig(
  context: OperationContext,
  request: ConfigRequest,
): Promise<Result<ChangedConfig, Refusal>> {
  const { services, principal } = context
  const { tenantId } = principal
  const current = await loadConfig(services.database(tenantId), tenantId)
  if (!current || (request.baseHash && request.baseHash !== current.hash)) return err(STALE)
  const next = request.next(current)
  if (!next.ok) return next
  const judged = judge(context, current, next.value)
  if (!judged.ok) return judged
  const { document, config } = judged.value
  const answer = (hash: string): Result<ChangedConfig, never> =>
    ok({
      ok: true,
      config: maskedDocument(config),
      hash,
      restart: false,
      diff: [...changedSettings(current.config, config)],
    })
  const hash = await canonicalHash(document)
  // The same document again is no change: it must not push an older version out.
  if (request.dryRun || hash === current.hash) return answer(current.hash)
  const written = await changeTenant(services, tenantId, () =>
    writeConfig(
      services.database(tenantId),
      tenantId,
      { document, baseHash: current.hash, userId: principal.userId },
      services.now(),
    ),
  )
  if (!written.ok) return err(STALE)
  context.report(securityEvent('config_changed', { config: hash.slice(0, 12) }, 'info'))
  await services.tenant(tenantId).publish('config.changed', { hash }, { kind: 'admins' })
  return answer(hash)
}

function judge(context: OperationContext, current: StoredConfig, next: unknown) {
  // Before anything walks it.
  const fault = faultOfShape(next)
  if (fault !== null) return err(invalid(fault))
  const restored = unmasked(next, current.document)
  if (!restored.ok) {
    return err(invalid(`${restored.error} holds a mask: send the value itself, or leave it out`))
  }
  const mayChange = checkReserved(context.principal, current.document, restored.value)
  if (!mayChange.ok) return mayChange
  const parsed = parseDocument(restored.value)
  if (!parsed.ok) return err(invalid(parsed.error))
  const checked = context.catalog.checkConfig(parsed.value.config)
  return checked.ok ? parsed : err(invalid(checked.error))
}
