/**
 * Any way a vendor call can fail → one `ModelFailure`. The text goes to users and logs: it keeps the
 * vendor's own words where they help, without keys, URLs' queries or control characters.
 */
import type { ModelFailure } from '../domain/model.ts'
import { EgressError } from '../egress/refusal.ts'
import { parseRetryAfter } from './retry-after.ts'
import { vendorText } from './vendor-text.ts'

export type FailureKind = ModelFailure['kind']

/** Wrapped errors are looked through this deep; a cycle of causes ends here too. */
const MAX_CAUSES = 5

const RETRYABLE: ReadonlySet<FailureKind> = new Set([
  'rate_limited',
  'overloaded',
  'timeout',
  'network',
  'cut',
  'garbage',
])

export interface FailureContext {
  /** The key in use; vendors like to repeat it in their error messages. */
  readonly apiKey: string | null
  readonly now: () => number
}

export const failure = (kind: FailureKind, message: string): ModelFailure => ({
  kind,
  message,
  isRetryable: RETRYABLE.has(kind),
})

function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 404) return 'not_found'
  if (status === 408) return 'timeout'
  if (status === 429) return 'rate_limited'
  if (status >= 500) return 'overloaded'
  if (status >= 200 && status < 300) return 'garbage'
  return 'invalid_request'
}

const SENTENCES: Readonly<Record<FailureKind, string>> = {
  unauthorized: 'the model provider refuses the API key',
  rate_limited: 'the model provider limits the rate of requests',
  overloaded: 'the model provider has a problem',
  invalid_request: 'the model provider refuses the request',
  not_found: 'the model provider does not know this model or address',
  timeout: 'the model provider did not answer in time',
  network: 'the model provider cannot be reached',
  cut: 'the model provider ended the answer before it was complete',
  garbage: 'the model provider sent something that is no model answer',
  aborted: 'the model call was cancelled',
}

const sentence = (kind: FailureKind, status: number | null, words: string): string =>
  `${SENTENCES[kind]}${status === null ? '' : ` (HTTP ${status})`}${words === '' ? '' : `: ${words}`}`

/** A refusal by its status alone, where what the vendor says is not to be repeated. */
export const describeStatus = (status: number): string => sentence(kindOfStatus(status), status, '')

/** A spent budget answers 429 as well, but waiting does not refill it. */
const isQuotaSpent = (text: string): boolean => {
  if (/insufficient_quota|billing|credit balance/i.test(text)) return true
  const exceeded = text.search(/quota exceeded/i)
  return exceeded >= 0 && /plan/i.test(text.slice(exceeded))
}

/** What the AI SDK's APICallError offers; recognised by shape, since each package brings its own class. */
interface ApiCallError extends Error {
  readonly statusCode?: number
  readonly responseHeaders?: Readonly<Record<string, string>>
  readonly responseBody?: string
}

/** The same, from vendors that are read without the SDK. */
export class VendorHttpError extends Error implements ApiCallError {
  override readonly name = 'VendorHttpError'
  readonly statusCode: number
  readonly responseHeaders: Readonly<Record<string, string>>
  readonly responseBody: string

  constructor(message: string, answer: Omit<VendorHttpError, keyof Error>) {
    super(message)
    this.statusCode = answer.statusCode
    this.responseHeaders = answer.responseHeaders
    this.responseBody = answer.responseBody
  }
}

/** What came is not what the protocol allows. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError'
}

/** More than memory may hold. The same request would bring the same again. */
export class OversizedAnswerError extends Error {
  override readonly name = 'OversizedAnswerError'
}

const isApiCallError = (error: unknown): error is ApiCallError =>
  error instanceof VendorHttpError || (error instanceof Error && error.name === 'AI_APICallError')

/** Errors that say "what came is not what this vendor's protocol allows". */
const GARBAGE_ERRORS: ReadonlySet<string> = new Set([
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_InvalidResponseDataError',
  'AI_EmptyResponseBodyError',
  'MalformedAnswerError',
])

function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let next = error; chain.length < MAX_CAUSES && next !== undefined; ) {
    chain.push(next)
    next = next instanceof Error ? next.cause : undefined
  }
  return chain
}

const oversizedFailure = (): ModelFailure => ({
  ...failure('garbage', sentence('garbage', null, 'the answer is larger than allowed')),
  isRetryable: false,
})

function egressFailure({ refusal }: EgressError): ModelFailure {
  switch (refusal.kind) {
    case 'timeout':
      return failure('timeout', SENTENCES.timeout)
    case 'too_large':
      return oversizedFailure()
    case 'unresolvable':
      return failure('network', sentence('network', null, refusal.message))
    default:
      return failure(
        'invalid_request',
        `the model provider's address is refused: ${refusal.message}`,
      )
  }
}

function statusFailure(error: ApiCallError, status: number, context: FailureContext): ModelFailure {
  const kind = kindOfStatus(status)
  const words = vendorText(error.message, context.apiKey)
  const result = failure(kind, sentence(kind, status, words))
  if (kind !== 'rate_limited' && kind !== 'overloaded') return result
  if (isQuotaSpent(`${error.message} ${error.responseBody ?? ''}`)) {
    return { ...result, isRetryable: false }
  }
  const retryAfterMs = parseRetryAfter(error.responseHeaders, context.now)
  return retryAfterMs === undefined ? result : { ...result, retryAfterMs }
}

/**
 * The SDK turns an error event at the beginning of a 200 stream into an API error with a status that
 * it makes up. What the vendor really said is in the body; the content type gives it away.
 */
function streamedEvent(error: ApiCallError): unknown {
  const contentType = error.responseHeaders?.['content-type'] ?? ''
  if (!contentType.includes('event-stream') || !error.responseBody) return undefined
  try {
    const event: unknown = JSON.parse(error.responseBody)
    return typeof event === 'object' && event !== null && 'error' in event ? event.error : event
  } catch {
    return undefined
  }
}

/** From a thrown error. `hasAnswered`: the vendor's answer had begun when it was thrown. */
export function failureFromError(
  error: unknown,
  hasAnswered: boolean,
  context: FailureContext,
): ModelFailure {
  const chain = causes(error)
  const egress = chain.find((cause) => cause instanceof EgressError)
  if (egress !== undefined) return egressFailure(egress)
  if (chain.some((cause) => cause instanceof OversizedAnswerError)) return oversizedFailure()
  const isGarbage = chain.some((cause) => cause instanceof Error && GARBAGE_ERRORS.has(cause.name))
  if (isGarbage) return failure('garbage', SENTENCES.garbage)
  const status = isApiCallError(error) ? error.statusCode : undefined
  const event = isApiCallError(error) ? streamedEvent(error) : undefined
  if (event !== undefined) return failureFromEvent(event, context)
  if (isApiCallError(error) && status !== undefined && (status < 200 || status >= 300)) {
    return statusFailure(error, status, context)
  }
  return hasAnswered ? failure('cut', SENTENCES.cut) : failure('network', SENTENCES.network)
}

/** Vendors' own names of what went wrong, as they send them in the middle of a stream. */
const VENDOR_ERROR_KINDS: readonly (readonly [RegExp, FailureKind])[] = [
  [/overloaded|unavailable|server_error|api_error|internal/i, 'overloaded'],
  [/rate_limit|resource_exhausted|too_many/i, 'rate_limited'],
  [/authentication|permission|unauthorized|invalid_api_key/i, 'unauthorized'],
  [/not_found/i, 'not_found'],
  [/timeout|deadline/i, 'timeout'],
  [/invalid_request|invalid_argument|context_length/i, 'invalid_request'],
]

/** From an error event inside the stream: the vendor's own object, or an error of the SDK. */
export function failureFromEvent(event: unknown, context: FailureContext): ModelFailure {
  if (event instanceof Error) return failureFromError(event, true, context)
  if (typeof event === 'string') return failureFromEvent({ message: event }, context)
  const fields: Record<string, unknown> =
    typeof event === 'object' && event !== null ? { ...event } : {}
  const text = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  if (GARBAGE_ERRORS.has(text('name'))) return failure('garbage', SENTENCES.garbage)
  const words = vendorText(text('message'), context.apiKey)
  const status = [text('status'), text('code')]
    .map(Number)
    .find((code) => code >= 400 && code < 600)
  const name = `${text('type')} ${text('code')} ${text('status')}`
  if (isQuotaSpent(`${name} ${words}`)) {
    return { ...failure('rate_limited', sentence('rate_limited', null, words)), isRetryable: false }
  }
  const kind =
    status === undefined
      ? (VENDOR_ERROR_KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'garbage')
      : kindOfStatus(status)
  return failure(kind, sentence(kind, null, words))
}

export const timeoutFailure = (what: 'first_byte' | 'idle' | 'call'): ModelFailure => {
  const words = {
    first_byte: 'no answer began',
    idle: 'the answer stalled',
    call: 'the answer took too long as a whole',
  }
  return failure('timeout', sentence('timeout', null, words[what]))
}

export const cutFailure = (): ModelFailure => failure('cut', SENTENCES.cut)
export const abortedFailure = (): ModelFailure => failure('aborted', SENTENCES.aborted)
export const notAnEventStream = (contentType: string): ModelFailure =>
  failure('garbage', sentence('garbage', null, `content type ${vendorText(contentType, null)}`))
