/** A run that only makes room in the session: begun by hand, journalled and resumed like any other. */
import type { Services } from '../../api/context.ts'
import type { RunId } from '../../domain/ids.ts'
import type { BucketRequest } from '../../domain/ports/limiter.ts'
import type { Principal } from '../../domain/principal.ts'
import { notFound, type Refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { freshSnapshot } from '../../gateway/freshness.ts'
import { sessionRunBucket } from '../../transport/rate-limit.ts'
import { BUSY, type SendStores } from './send.ts'

/** It asks a model, and costs what a message costs. */
export async function compactionBucket(
  services: Services,
  { tenantId }: Principal,
): Promise<Result<BucketRequest, Refusal>> {
  const snapshot = await freshSnapshot(services, tenantId)
  return snapshot ? ok(sessionRunBucket(snapshot.config.gateway)) : err(notFound('session'))
}

/** Runs inside one transaction, without a pause. It says nothing in the conversation. */
export function startCompaction(
  principal: Principal,
  bucket: BucketRequest,
  stores: SendStores,
): Result<RunId, Refusal> {
  const { meta, runs, transcript, fanOut, rate, now } = stores
  const session = meta.read()
  if (!session) return err(notFound('session'))
  if (runs.running()) return err(BUSY)
  const paced = rate.take(bucket, principal, now)
  if (!paced.ok) return paced
  const runId = stores.newRunId()
  // Its own messages are those behind all that there are: none. Runs stand in the order of this number.
  const firstMessageId = Math.max(transcript.lastId() + 1, runs.latest()?.firstMessageId ?? 0)
  const options = { callerInstructions: '', sampling: {}, isCompaction: true } as const
  runs.create({ id: runId, principal, options, firstMessageId, now })
  const { sessionKey, agentKey, channel } = session
  fanOut.open({ runId, sessionKey, agentKey, channel, userId: principal.userId })
  fanOut.emit({ type: 'run.started', message: '' })
  return ok(runId)
}
