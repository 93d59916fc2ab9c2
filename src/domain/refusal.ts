/** The closed set of error codes of gateway protocol v3, and the refusal an operation answers with. */
export const ERROR_CODES = [
  'INVALID_REQUEST',
  'UNAUTHORIZED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'AGENT_TIMEOUT',
  'NOT_PAIRED',
  'NOT_LINKED',
  'TENANT_ACCESS_REVOKED',
  'NOT_IMPLEMENTED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** What a caller is told. `message` says what was wrong and what to do, never a secret. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

export const refusal = (code: ErrorCode, message: string): Refusal => ({ code, message })

/** Another tenant's id and an id that never existed are told apart by nothing. */
export const notFound = (what: string): Refusal => refusal('NOT_FOUND', `${what} not found`)
