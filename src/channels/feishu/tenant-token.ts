/** The token that an app calls Feishu with: asked for by its secret, kept for the two hours it is good. */
import { z } from 'zod'
import type { Fetch } from '../../domain/model.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { callApi } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

/** Feishu gives a new one within the last half hour of the old. */
const EARLY_MS = 5 * 60_000

const tokenSchema = z.object({
  code: z.literal(0),
  tenant_access_token: z.string().min(1),
  expire: z.number(),
})

export interface TenantToken {
  get(): Promise<Result<string, SendFailure>>
  /** Feishu does not take it any more. */
  forget(): void
}

export function tenantToken(
  fetch: Fetch,
  baseUrl: string,
  app: { readonly app_id: string; readonly app_secret: string },
): TenantToken {
  let kept: { readonly text: string; readonly untilMs: number } | null = null
  return {
    get: async () => {
      if (kept !== null && Date.now() < kept.untilMs) return ok(kept.text)
      const url = `${baseUrl}/open-apis/auth/v3/tenant_access_token/internal`
      const asked = await callApi(fetch, { url, body: app })
      if (!asked.ok) {
        // Asking twice does no harm.
        const { error } = asked
        return err(error.kind === 'unknown' ? { ...error, kind: 'unavailable' } : error)
      }
      const { data } = tokenSchema.safeParse(asked.value.json)
      if (data === undefined) {
        return err({ kind: 'refused', reason: 'app id and app secret do not belong together' })
      }
      const untilMs = Date.now() + 1_000 * data.expire - EARLY_MS
      kept = { text: data.tenant_access_token, untilMs }
      return ok(kept.text)
    },
    forget: () => {
      kept = null
    },
  }
}
