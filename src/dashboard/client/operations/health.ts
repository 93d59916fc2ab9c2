// Written by `npm run operations` from the registry.

export interface HealthOperations {
  /** Tells that the gateway answers */
  'health': {
    params: Record<string, unknown>
    result: { status: "ok"; protocol: 3; version: string }
  }
}
