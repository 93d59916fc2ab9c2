/** Settings and keys of one isolate, parsed once per environment; objects and requests share them. */
import { importRunnerKey, type RunnerSignKey } from '../crypto/job-token.ts'
import { type KeyRing, parseKeyRing } from '../crypto/keys.ts'
import { ok, type Result } from '../domain/result.ts'
import { logError } from '../telemetry/log.ts'
import { type Env, parseSettings, type Settings } from './env.ts'

export interface Runtime {
  readonly settings: Settings
  readonly keyRing: KeyRing
  /** Signs jobs for the runners; null where there are none. */
  readonly runnerSignKey: Promise<RunnerSignKey> | null
}

const runtimes = new WeakMap<Env, Result<Runtime, string>>()

/** @returns the runtime, or the sentence that names the setting at fault */
export function openRuntime(env: Env): Result<Runtime, string> {
  const known = runtimes.get(env)
  if (known) return known
  const opened = open(env)
  runtimes.set(env, opened)
  return opened
}

function open(env: Env): Result<Runtime, string> {
  const settings = parseSettings(env)
  if (!settings.ok) return settings
  const { encryptionKey, previousEncryptionKey } = settings.value
  const keyRing = parseKeyRing({
    current: encryptionKey,
    ...(previousEncryptionKey === null ? {} : { previous: previousEncryptionKey }),
  })
  if (!keyRing.ok) return keyRing
  const { runnerKey } = settings.value
  const runnerSignKey = runnerKey === null ? null : importRunnerKey(runnerKey)
  // Whoever signs sees the failure; the promise alone must not end the isolate.
  runnerSignKey?.catch((error: unknown) => logError('runner.key', error))
  return ok({ settings: settings.value, keyRing: keyRing.value, runnerSignKey })
}

/** For objects: they are reached only through a Worker that has checked the same settings. */
export function requireRuntime(env: Env): Runtime {
  const runtime = openRuntime(env)
  if (!runtime.ok) throw new Error(runtime.error)
  return runtime.value
}
