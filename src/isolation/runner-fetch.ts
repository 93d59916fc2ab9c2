/**
 * A request to an address that a tenant or model chose, made by a runner, which connects to exactly
 * the address it has checked. For the gateway wherever it cannot check what a name resolves to.
 */
import { parseBase64, toBase64 } from '../crypto/encoding.ts'
import type { WebFailure, WebPort, WebRequest } from '../domain/ports/web.ts'
import { err, ok } from '../domain/result.ts'
import { type FetchRequest, fetchAnswerSchema } from './contract.ts'
import { type RunnerStates, runnerStates } from './runner-states.ts'
import { callRunner, type RunnerCaller, RunnerError, readJson } from './runner-wire.ts'
import { type RunnerEndpoint, wellFirst } from './runners.ts'

/** On top of the request's own time-out: for the runner to say that it passed. */
const ANSWER_MARGIN_MS = 3_000
/** Beside the body: a runner takes 64 KB of headers, which JSON and the address they lead to lengthen. */
const ANSWER_HEAD_BYTES = 512 * 1024

/** Base64 of so many bytes. */
const answerBytes = (maxBytes: number): number => Math.ceil(maxBytes / 3) * 4 + ANSWER_HEAD_BYTES

export interface RunnerFetchOptions extends RunnerCaller {
  readonly runners: readonly RunnerEndpoint[]
  readonly states?: RunnerStates
}

function toFailure({ code, message }: RunnerError): WebFailure | null {
  switch (code) {
    case 'FETCH_REFUSED':
    case 'INVALID_JOB':
      return { kind: 'refused', message }
    case 'FETCH_FAILED':
      return { kind: 'failed', message }
    case 'TIMEOUT':
      return { kind: 'timeout', message }
    default:
      return null
  }
}

export const createRunnerFetch = (options: RunnerFetchOptions): WebPort => ({
  send: async ({ body, ...request }: WebRequest, signal) => {
    const wire: FetchRequest = {
      ...request,
      headers: { ...request.headers },
      ...(body === undefined ? {} : { bodyB64: toBase64(body) }),
    }
    const exec = `fetch-${crypto.randomUUID()}`
    const post = { method: 'POST', path: '/v1/fetch', exec, body: JSON.stringify(wire) } as const
    const { runners, now, states = runnerStates } = options
    for (const runner of wellFirst(runners, ({ url }) => states.of(url, now()))) {
      const limit = AbortSignal.any([
        signal,
        AbortSignal.timeout(request.timeoutMs + ANSWER_MARGIN_MS),
      ])
      try {
        const response = await callRunner(options, runner, post, limit)
        const { bodyB64, ...answer } = fetchAnswerSchema.parse(
          await readJson(response, answerBytes(request.maxBytes)),
        )
        const bytes = parseBase64(bodyB64)
        const isKept = bytes !== null && bytes.length <= request.maxBytes
        if (!isKept) return err({ kind: 'failed', message: 'the answer is malformed' })
        return ok({ ...answer, body: bytes })
      } catch (error) {
        // What was sent may have arrived: only a request that changes nothing goes to another runner.
        const failure = error instanceof RunnerError ? toFailure(error) : null
        if (!(error instanceof RunnerError || signal.aborted)) {
          states.note(runner.url, 'silent', now())
        }
        if (failure !== null) return err(failure)
        if (!signal.aborted) {
          options.onTrouble?.(
            runner.keyId,
            error instanceof RunnerError ? error.code : 'CONNECTION',
          )
        }
        if (limit.aborted) return err({ kind: 'timeout', message: 'the address took too long' })
        if (request.method !== 'GET') break
      }
    }
    return err({ kind: 'unavailable', message: 'no runner can fetch this address' })
  },
})
