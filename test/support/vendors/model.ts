/** A model port against a local vendor, through the guarded fetch, with time-outs fit for a test. */
import type { ProviderRecord, ProviderType } from '../../../src/domain/agent-record.ts'
import { providerIdSchema } from '../../../src/domain/ids.ts'
import type { ModelEvent, ModelPort, ModelRequest } from '../../../src/domain/model.ts'
import { createGuardedFetch } from '../../../src/egress/guarded-fetch.ts'
import { createModel } from '../../../src/providers/create-model.ts'
import type { ModelTimeouts } from '../../../src/providers/limits.ts'
import type { VendorKind } from './vendor.ts'

export const SECRET_KEY = 'test-key-0123456789abcdefghij'

const TYPES: Readonly<Record<VendorKind, ProviderType>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
}

export const providerRecord = (fields: Partial<ProviderRecord> = {}): ProviderRecord => ({
  id: providerIdSchema.parse('prv_1'),
  name: 'local',
  type: 'openai_compat',
  apiBase: null,
  sealedApiKey: null,
  allowPrivateNetwork: true,
  enabled: true,
  ...fields,
})

export interface LocalModelOptions {
  readonly type?: ProviderType
  readonly timeouts?: ModelTimeouts
}

export function localModel(
  kind: VendorKind,
  url: string,
  { type = TYPES[kind], timeouts }: LocalModelOptions = {},
): ModelPort {
  const model = createModel({
    record: providerRecord({ type, apiBase: url }),
    apiKey: SECRET_KEY,
    fetch: createGuardedFetch({
      allowPrivateNetwork: true,
      maxBytes: 1_000_000,
      timeoutMs: 10_000,
    }),
    ...(timeouts === undefined ? {} : { timeouts }),
  })
  if (!model.ok) throw new Error(model.error.message)
  return model.value
}

export const modelRequest = (fields: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'local-model',
  system: 'Be brief.',
  messages: [{ role: 'user', content: 'hello', createdAt: 1 }],
  tools: [],
  ...fields,
})

export async function collect(
  model: ModelPort,
  request: ModelRequest = modelRequest(),
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of model.stream(request, signal)) events.push(event)
  return events
}

export const textOf = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.delta : '')).join('')
