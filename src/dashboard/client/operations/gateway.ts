// Written by `npm run operations` from the registry.

export interface GatewayOperations {
  /** Makes the one code for the first set-up: ten minutes, for POST /pair */
  'gateway.pairing_code.create': {
    params: Record<string, unknown>
    result: { code: string; expires_at: string }
  }
}
