// Written by `npm run operations` from the registry.

export interface SearchOperations {
  /** Adds a search engine; the first enabled one by name is asked first */
  'search.providers.create': {
    params: {
      name: string
      api_base?: string | null
      api_key?: string | null
      enabled?: boolean
      allow_private_network?: boolean
      provider_type: "brave" | "tavily" | "searxng"
    }
    result: {
      id: string
      name: string
      api_base: string | null
      enabled: boolean
      allow_private_network: boolean
      api_key: string
      provider_type: "brave" | "tavily" | "searxng"
    }
  }
  /** Deletes a search engine with its key */
  'search.providers.delete': {
    params: { id: string }
    result: { ok: true }
  }
  /** The search engines of the tenant, in the order in which they are asked */
  'search.providers.list': {
    params: Record<string, unknown>
    result: {
      providers: readonly ({
        id: string
        name: string
        api_base: string | null
        enabled: boolean
        allow_private_network: boolean
        api_key: string
        provider_type: "brave" | "tavily" | "searxng"
      })[]
    }
  }
  /** Changes a search engine; another address erases its stored key */
  'search.providers.update': {
    params: {
      id: string
      api_base?: string | null
      api_key?: string
      enabled?: boolean
      allow_private_network?: boolean
    }
    result: {
      id: string
      name: string
      api_base: string | null
      enabled: boolean
      allow_private_network: boolean
      api_key: string
      provider_type: "brave" | "tavily" | "searxng"
    }
  }
}

export const CHOICES = {
  'search.providers.create': { "provider_type": ["brave","tavily","searxng"] },
} as const
