/** The `res` of the `chat.send` that started, joined or repeated a run. */
import type { RunId } from '../domain/ids.ts'
import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { RunFailureCode, RunResult } from '../domain/run-event.ts'
import { toWireSpending, toWireUsage } from './agent-event.ts'
import { refusalFrame, resultFrame } from './frames.ts'

const CODES: Readonly<Record<RunFailureCode, Refusal['code']>> = {
  AGENT_TIMEOUT: 'AGENT_TIMEOUT',
  ACCESS_REVOKED: 'TENANT_ACCESS_REVOKED',
  INTERNAL: 'INTERNAL',
  LIMIT: 'RESOURCE_EXHAUSTED',
  MODEL: 'UNAVAILABLE',
  STOPPED: 'FAILED_PRECONDITION',
  UPGRADED: 'UNAVAILABLE',
}

export function runAnswer(
  runId: RunId,
  result: RunResult,
): Result<Record<string, unknown>, Refusal> {
  switch (result.kind) {
    case 'completed':
      return ok({
        runId,
        content: result.content,
        usage: toWireUsage(result.usage),
        ...toWireSpending(result.models),
        ...(result.thinking ? { thinking: result.thinking } : {}),
      })
    case 'cancelled':
      return ok({ runId, cancelled: true })
    case 'failed':
      return err({ code: CODES[result.code], message: result.error, details: { runId } })
  }
}

export function answerFrame(requestId: string | number, runId: RunId, result: RunResult): string {
  const answer = runAnswer(runId, result)
  return answer.ok ? resultFrame(requestId, answer.value) : refusalFrame(requestId, answer.error)
}
