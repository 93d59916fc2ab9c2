/** Whether a model provider answers with the key that is stored for it. Nothing is changed by it. */
import { z } from 'zod'
import { ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { namedProvider, providerReference } from './providers.ts'

export const providersTest = operation({
  name: 'providers.test',
  summary: 'Asks a provider with its stored key which models it has; changes nothing',
  access: ADMIN,
  params: z.object({ ...providerReference, name: z.string().max(100).optional() }),
  result: z.object({
    ok: z.boolean(),
    latencyMs: z.number(),
    models: z.array(z.string()),
    error: z.string().nullable(),
  }),
  http: { method: 'POST', path: '/v1/providers/{id}/test' },
  run: async ({ snapshot, providerTest }, { id, providerId, name }) => {
    const found = namedProvider(snapshot, { id: id ?? name, providerId })
    if (!found.ok) return found
    const { latencyMs, models, error } = await providerTest.look(found.value)
    return ok({ ok: error === null, latencyMs, models: [...models], error })
  },
})
