// Written by `npm run operations` from the registry.

export interface ProvidersOperations {
  /** Adds a model provider */
  'providers.create': {
    params: {
      name: string
      api_base?: string | null
      api_key?: string | null
      enabled?: boolean
      allow_private_network?: boolean
      provider_type: "openai_compat" | "openai" | "anthropic" | "google" | "demo"
    }
    result: {
      id: string
      name: string
      api_base: string | null
      enabled: boolean
      allow_private_network: boolean
      api_key: string
      provider_type: "openai_compat" | "openai" | "anthropic" | "google" | "demo"
    }
  }
  /** Deletes a provider with its key */
  'providers.delete': {
    params: { id?: string; providerId?: string }
    result: { ok: true }
  }
  /** The model providers of the tenant */
  'providers.list': {
    params: Record<string, unknown>
    result: {
      providers: readonly ({
        id: string
        name: string
        api_base: string | null
        enabled: boolean
        allow_private_network: boolean
        api_key: string
        provider_type: "openai_compat" | "openai" | "anthropic" | "google" | "demo"
      })[]
    }
  }
  /** Asks a provider with its stored key which models it has; changes nothing */
  'providers.test': {
    params: { id?: string; providerId?: string; name?: string }
    result: { ok: boolean; latencyMs: number; models: readonly string[]; error: string | null }
  }
  /** Changes a provider; another address erases its stored key */
  'providers.update': {
    params: {
      id?: string
      providerId?: string
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
      provider_type: "openai_compat" | "openai" | "anthropic" | "google" | "demo"
    }
  }
}

export const CHOICES = {
  'providers.create': { "provider_type": ["openai_compat","openai","anthropic","google","demo"] },
} as const
