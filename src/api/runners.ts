/** Whether commands can run: the operator's sandbox-runners, by key id. Where they stand nobody is told. */
import { z } from 'zod'
import { RUNNER_REASONS } from '../domain/ports/runners.ts'
import { ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'

export const runnersStatus = operation({
  name: 'runners.status',
  summary: 'Whether each sandbox-runner would take a command now, and why one would not',
  access: ADMIN,
  params: z.object({}),
  result: z.object({
    /** Of one moment, when all were asked: some seconds ago at most. */
    asked_at: z.string(),
    runners: z.array(
      z.object({
        key_id: z.string(),
        healthy: z.boolean(),
        reason: z.enum(RUNNER_REASONS).nullable(),
        latency_ms: z.number().nullable(),
      }),
    ),
  }),
  http: { method: 'GET', path: '/v1/runners' },
  // The list is the operator's, not a tenant's: whoever asks again and again asks no runner more often.
  run: async ({ runners }) => {
    const { at, runners: looked } = await runners.recent()
    return ok({
      asked_at: time(at),
      runners: looked.map(({ keyId, reason, latencyMs }) => ({
        key_id: keyId,
        healthy: reason === null,
        reason,
        latency_ms: latencyMs,
      })),
    })
  },
})
