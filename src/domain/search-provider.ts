/** A search engine as the tenant's snapshot carries it. */
import { z } from 'zod'

export const SEARCH_PROVIDER_TYPES = ['brave', 'tavily', 'searxng'] as const
export type SearchProviderType = (typeof SEARCH_PROVIDER_TYPES)[number]

export const searchProviderSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(SEARCH_PROVIDER_TYPES),
  /** Null: the vendor's own address. */
  apiBase: z.string().nullable(),
  /** Sealed (`aes-gcm:…`); opened only for the call that needs it. */
  sealedApiKey: z.string().nullable(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
})
export type SearchProvider = z.infer<typeof searchProviderSchema>
