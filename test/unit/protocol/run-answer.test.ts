import { describe, expect, it } from 'vitest'
import { runIdSchema } from '../../../src/domain/ids.ts'
import { NO_USAGE } from '../../../src/domain/message.ts'
import type { RunFailureCode } from '../../../src/domain/run-event.ts'
import { answerFrame, runAnswer } from '../../../src/protocol/run-answer.ts'

const RUN = runIdSchema.parse('run_1')

describe('runAnswer', () => {
  it('tells what a completed run said and used', () => {
    expect(runAnswer(RUN, { kind: 'completed', content: 'x', usage: NO_USAGE })).toEqual({
      ok: true,
      value: {
        runId: 'run_1',
        content: 'x',
        usage: {
          prompt_tokens: 0,
          completion_tokens: 0,
          total_tokens: 0,
          cache_creation_tokens: 0,
          cache_read_tokens: 0,
        },
      },
    })
  })

  it('tells a cancelled run from a failed one', () => {
    expect(runAnswer(RUN, { kind: 'cancelled' })).toEqual({
      ok: true,
      value: { runId: 'run_1', cancelled: true },
    })
  })

  it('maps every way of failing to a code of the closed set, with the run it is about', () => {
    const codes: Record<RunFailureCode, string> = {
      AGENT_TIMEOUT: 'AGENT_TIMEOUT',
      ACCESS_REVOKED: 'TENANT_ACCESS_REVOKED',
      INTERNAL: 'INTERNAL',
      LIMIT: 'RESOURCE_EXHAUSTED',
      MODEL: 'UNAVAILABLE',
      STOPPED: 'FAILED_PRECONDITION',
      UPGRADED: 'UNAVAILABLE',
    }
    for (const [code, expected] of Object.entries(codes) as [RunFailureCode, string][]) {
      expect(runAnswer(RUN, { kind: 'failed', code, error: 'why' })).toEqual({
        ok: false,
        error: { code: expected, message: 'why', details: { runId: 'run_1' } },
      })
    }
  })
})

describe('answerFrame', () => {
  it('answers under the id of the request that waited', () => {
    expect(JSON.parse(answerFrame('r7', RUN, { kind: 'cancelled' }))).toEqual({
      type: 'res',
      id: 'r7',
      ok: true,
      payload: { runId: 'run_1', cancelled: true },
    })
    const failed = answerFrame(8, RUN, { kind: 'failed', code: 'MODEL', error: 'no' })
    expect(JSON.parse(failed)).toMatchObject({ id: 8, ok: false, error: { code: 'UNAVAILABLE' } })
  })
})
