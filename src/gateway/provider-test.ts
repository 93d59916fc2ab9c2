/** One question to a model provider with its stored key, over the way that a run's calls take. */
import type { Services } from '../api/context.ts'
import { openProviderKey } from '../crypto/provider-key.ts'
import { describeStop, stopOfRuns } from '../domain/emergency-stop.ts'
import type { ProviderLook, ProviderTestPort } from '../domain/ports/provider-test.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { createGuardedFetch } from '../egress/guarded-fetch.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import { listModels } from '../providers/list-models.ts'
import type { Settings } from './env.ts'

/** A person waits for it. */
const TIMEOUT_MS = 10_000
/** A router's hundreds of models with all that it says of them; a vendor's own list is a hundredth. */
const MAX_ANSWER_BYTES = 1024 * 1024

export interface ProviderTestParts {
  readonly services: Services
  readonly settings: Pick<Settings, 'acceptPlaintext'>
  readonly snapshot: Pick<TenantSnapshot, 'tenantId' | 'stops'>
}

type Row = Parameters<ProviderTestPort['look']>[0]

export function createProviderTest(parts: ProviderTestParts): ProviderTestPort {
  const { services, settings, snapshot } = parts

  async function keyOf(record: Row): Promise<Result<string | null, string>> {
    const { id, name, sealedApiKey } = record
    if (sealedApiKey === null) return ok(null)
    const { acceptPlaintext } = settings
    const opened = await openProviderKey(services.keyRing, snapshot.tenantId, id, sealedApiKey, {
      acceptPlaintext,
    })
    return opened.ok
      ? ok(opened.value.text)
      : err(`the key of provider ${name} cannot be read; set it again`)
  }

  async function ask(record: Row): Promise<Result<readonly string[], string>> {
    const stop = stopOfRuns(snapshot.stops)
    if (stop !== null) return err(describeStop(stop))
    const key = await keyOf(record)
    if (!key.ok) return key
    const fetch = createGuardedFetch({
      allowPrivateNetwork: record.allowPrivateNetwork,
      maxRedirects: 0,
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: TIMEOUT_MS,
    })
    const listed = await listModels({ record, apiKey: key.value, fetch, now: services.now })
    if (!listed.ok || key.value === null) return listed
    // A vendor that names a model like the key would have it shown.
    const dictionary = createSecretDictionary()
    dictionary.register(key.value)
    return ok(listed.value.filter((name) => !dictionary.contains(name)))
  }

  return {
    look: async (record): Promise<ProviderLook> => {
      const askedAt = services.now()
      const answer = await ask(record)
      const latencyMs = services.now() - askedAt
      return answer.ok
        ? { latencyMs, models: answer.value, error: null }
        : { latencyMs, models: [], error: answer.error }
    },
  }
}
