// Written by `npm run operations` from the registry.

export interface ModelsOperations {
  /** Models that the tenant can use: those its agents name, and those its providers are known for */
  'models.list': {
    params: Record<string, unknown>
    result: { models: readonly { id: string; provider: string }[] }
  }
}
