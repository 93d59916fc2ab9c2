/**
 * A provider row → the model port. Judges the row first: enabled, a key where the vendor needs one,
 * an address that may be sent that key. Opens no secret and reads no environment.
 */
import type { ProviderRecord } from '../domain/agent-record.ts'
import type { Fetch, ModelPort } from '../domain/model.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ANTHROPIC_ADDRESS, anthropic } from './anthropic.ts'
import { baseUrl, type ProviderRefusal, type VendorAddress } from './base-url.ts'
import { createDemoModel } from './demo.ts'
import { GOOGLE_ADDRESS, google } from './google.ts'
import { MODEL_TIMEOUTS, type ModelTimeouts } from './limits.ts'
import { OPENAI_ADDRESS, openai } from './openai.ts'
import { openaiCompat } from './openai-compat.ts'
import { createVendorModel, type Vendor } from './vendor-stream.ts'

export interface CreateModelOptions {
  readonly record: ProviderRecord
  /** In plain text, opened for this use; null when the row holds none. */
  readonly apiKey: string | null
  /** The guarded one; nothing else is ever sent with. */
  readonly fetch: Fetch
  readonly now?: () => number
  readonly timeouts?: ModelTimeouts
}

const KEYED = {
  openai: { address: OPENAI_ADDRESS, create: openai },
  anthropic: { address: ANTHROPIC_ADDRESS, create: anthropic },
  google: { address: GOOGLE_ADDRESS, create: google },
} as const satisfies Record<
  string,
  { address: VendorAddress; create: (url: string, key: string) => Vendor }
>

function createVendor(
  type: Exclude<ProviderRecord['type'], 'demo'>,
  { record, apiKey }: CreateModelOptions,
): Result<Vendor, ProviderRefusal> {
  if (type === 'openai_compat') {
    const url = baseUrl(record, { url: null, path: '' })
    return url.ok ? ok(openaiCompat(url.value, apiKey)) : url
  }
  const { address, create } = KEYED[type]
  const url = baseUrl(record, address)
  if (!url.ok) return url
  if (apiKey === null || apiKey === '') {
    return err({ kind: 'missing_key', message: `provider ${record.name} needs an API key` })
  }
  return ok(create(url.value, apiKey))
}

export function createModel(options: CreateModelOptions): Result<ModelPort, ProviderRefusal> {
  const { record, apiKey, fetch, now = Date.now, timeouts = MODEL_TIMEOUTS } = options
  if (!record.enabled) {
    return err({ kind: 'disabled', message: `provider ${record.name} is disabled` })
  }
  if (record.type === 'demo') return ok(createDemoModel())
  const vendor = createVendor(record.type, options)
  if (!vendor.ok) return vendor
  return ok(createVendorModel(vendor.value, { fetch, timeouts, context: { apiKey, now } }))
}
