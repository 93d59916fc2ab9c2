/**
 * One look at one runner: what its health says, and whether it takes a job that this gateway signs. It
 * starts nothing there, and tells nothing of where the runner stands or what others do on it.
 */
import type { RunnerLook, RunnerReason } from '../domain/ports/runners.ts'
import type { Health } from './contract.ts'
import { callRunner, type RunnerCaller, RunnerError, runnerHealth } from './runner-wire.ts'
import type { RunnerEndpoint } from './runners.ts'

const LOOK_TIMEOUT_MS = 2_000

function reasonOf({ status, engine, image }: Health): RunnerReason | null {
  if (!engine.isReachable) return 'engine_unreachable'
  if (image.state === 'missing') return 'image_missing'
  return status === 'ok' ? null : 'degraded'
}

/** Asks after a job that there is not: whoever says so has taken the signature. */
async function takesOurs(
  caller: RunnerCaller,
  runner: RunnerEndpoint,
): Promise<RunnerReason | null> {
  const exec = `look-${crypto.randomUUID()}`
  const get = { method: 'GET', path: `/v1/exec/${exec}`, exec } as const
  try {
    const response = await callRunner(caller, runner, get, AbortSignal.timeout(LOOK_TIMEOUT_MS))
    await response.body?.cancel()
    return 'no_answer'
  } catch (error) {
    if (!(error instanceof RunnerError)) return 'no_answer'
    if (error.code === 'UNAUTHENTICATED') return 'key_refused'
    // Only that there is no such job proves that ours are looked at; any other error proves nothing.
    return error.code === 'NOT_FOUND' ? null : 'no_answer'
  }
}

export async function lookAtRunner(
  caller: RunnerCaller,
  runner: RunnerEndpoint,
): Promise<RunnerLook> {
  const { keyId } = runner
  const askedAt = caller.now()
  const [health, ours] = await Promise.all([
    runnerHealth(caller, runner).then((health) => ({ health, ms: caller.now() - askedAt })),
    takesOurs(caller, runner),
  ])
  if (health.health === null) return { keyId, reason: 'no_answer', latencyMs: null }
  return { keyId, reason: reasonOf(health.health) ?? ours, latencyMs: health.ms }
}
