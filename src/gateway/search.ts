/**
 * A run's search: the tenant's engines in the order of their names, the next one when one fails. Each
 * key is opened for the question that needs it, and is in the run's dictionary from that moment.
 */
import type { Services } from '../api/context.ts'
import { openSearchKey } from '../crypto/provider-key.ts'
import type { SearchFailure, SearchPort } from '../domain/ports/search.ts'
import type { WebPort } from '../domain/ports/web.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { SearchProvider } from '../domain/search-provider.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { createGuardedWeb } from '../egress/guarded-web.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import { createSearch } from '../providers/search/create-search.ts'

export interface SearchParts {
  readonly snapshot: TenantSnapshot
  readonly services: Services
  readonly dictionary: SecretDictionary
  readonly acceptPlaintext: boolean
  /** For engines out on the web; null where no address can be checked. */
  readonly web: WebPort | null
}

/** Of the operator's own network, which no runner and no resolver outside of it can check. */
const privateWeb = createGuardedWeb({ allowPrivateNetwork: true })

async function openKey(
  { id, sealedApiKey }: SearchProvider,
  { snapshot, services, dictionary, acceptPlaintext }: SearchParts,
): Promise<Result<string | null, string>> {
  if (sealedApiKey === null) return ok(null)
  const { keyRing } = services
  const opened = await openSearchKey(keyRing, snapshot.tenantId, id, sealedApiKey, {
    acceptPlaintext,
  })
  if (!opened.ok) return err('its key cannot be read; set it again')
  dictionary.register(opened.value.text)
  return ok(opened.value.text)
}

async function openEngine(
  record: SearchProvider,
  parts: SearchParts,
): Promise<Result<SearchPort, string>> {
  const apiKey = await openKey(record, parts)
  if (!apiKey.ok) return apiKey
  const web = record.allowPrivateNetwork ? privateWeb : parts.web
  const search = createSearch({ record, apiKey: apiKey.value, web })
  return search.ok ? search : err(search.error.message)
}

/** Null when the tenant has no engine that is enabled. */
export function openSearch(parts: SearchParts): SearchPort | null {
  const enabled = parts.snapshot.searchProviders.filter((record) => record.enabled)
  if (enabled.length === 0) return null
  return {
    search: async (query, signal) => {
      const failures: string[] = []
      let kind: SearchFailure['kind'] = 'failed'
      for (const record of enabled) {
        if (signal.aborted) break
        const engine = await openEngine(record, parts)
        const found = engine.ok
          ? await engine.value.search(query, signal)
          : err<SearchFailure>({ kind: 'failed', message: engine.error })
        if (found.ok) return found
        kind = found.error.kind
        failures.push(`${record.name}: ${found.error.message}`)
      }
      return err({ kind, message: failures.join('; ') || 'the call was cancelled' })
    },
  }
}
