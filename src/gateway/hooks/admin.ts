/** An admin asks one hook, as a run would; what it says is shown, and changes nothing. */
import type { Services } from '../../api/context.ts'
import { newId } from '../../crypto/random.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { RunHookAdminPort } from '../../domain/ports/run-hooks.ts'
import { err, ok } from '../../domain/result.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { checkUrl } from '../../egress/url.ts'
import { createSecretDictionary } from '../../output/secret-dictionary.ts'
import type { Report } from '../emit.ts'
import type { Settings } from '../env.ts'
import { createRunRelease } from '../release.ts'
import { callHook, HOOK_TIMEOUT_MS } from './call-hook.ts'
import { bodyOf } from './chain.ts'

export interface HookAdminParts {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly services: Services
  readonly snapshot: Pick<TenantSnapshot, 'stops' | 'config'>
  readonly report: Report
}

export const createHookAdmin = (parts: HookAdminParts): RunHookAdminPort => ({
  checkAddress: ({ url, allowPrivateNetwork }) => {
    const checked = checkUrl(url, { allowPrivateNetwork, requireHttps: true })
    return checked.ok ? ok(null) : err(checked.error.message)
  },
  test: async (hook, event) => {
    const { services, snapshot, report, tenantId } = parts
    if (stopOfNetwork(snapshot.stops) !== null) {
      return err('an emergency stop is in force: nothing outside is reached until it is released')
    }
    const dictionary = createSecretDictionary()
    const release = createRunRelease(snapshot.config, dictionary, report)
    const body = bodyOf({ event, data: { tenant_id: tenantId, test: true } }, services.now())
    const message = { event, id: newId('msg'), body }
    const answered = await callHook(
      hook,
      message,
      { ...parts, dictionary },
      { timeoutMs: HOOK_TIMEOUT_MS, signal: null },
    )
    if (!answered.ok) return err(answered.error.message)
    const { isBlocked, reason, context } = answered.value
    return ok({
      decision: isBlocked ? 'block' : 'allow',
      reason: release.text(reason),
      context: release.text(context),
    })
  },
})
