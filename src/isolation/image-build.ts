/**
 * The client of `POST /v1/images`: has one runner build an image, takes its word for nothing that
 * can be checked here, and says whether to ask again. What is built it never chooses.
 */
import { sha256Hex } from '../crypto/digest.ts'
import type { ImageFailure } from '../domain/ports/images.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { comparePackages, type PinnedPackage, type WirePackage } from '../domain/sandbox-package.ts'
import {
  type ImageBuildEvent,
  imageBuildEventSchema,
  MAX_IMAGE_BUILD_MS,
  type RunnerErrorCode,
} from './contract.ts'
import {
  callRunner,
  type RunnerCaller,
  RunnerError,
  readRecords,
  runnerHealth,
} from './runner-wire.ts'
import type { RunnerEndpoint } from './runners.ts'

/** For a runner to say itself that the time is over. */
const ANSWER_MARGIN_MS = 15_000
const BUSY_RETRY_MS = 5_000
const MAX_REASON_CHARS = 300

export type BuildOutcome =
  | { readonly kind: 'built'; readonly packages: readonly PinnedPackage[] }
  /** Nothing is wrong with what was asked for: the same may be answered otherwise later. */
  | {
      readonly kind: 'later'
      readonly code: RunnerErrorCode | 'CONNECTION'
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'failed'; readonly code: RunnerErrorCode; readonly message: string }

export interface BuildOptions {
  readonly caller: RunnerCaller
  readonly runner: RunnerEndpoint
  readonly packages: readonly WirePackage[]
  readonly onProgress?: (line: string) => void
}

const LATER: ReadonlySet<RunnerErrorCode> = new Set([
  'CAPACITY',
  'IMAGE_MISSING',
  'ENGINE_UNAVAILABLE',
])

const refused = (
  code: RunnerErrorCode,
  message: string,
  retryAfterMs: number | null,
): BuildOutcome =>
  LATER.has(code)
    ? { kind: 'later', code, retryAfterMs }
    : {
        kind: 'failed',
        code,
        message: message.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_REASON_CHARS),
      }

const DISCONNECTED: BuildOutcome = { kind: 'later', code: 'CONNECTION', retryAfterMs: null }

/** Everything that was asked for, in the versions that were asked for, and nothing else. */
function isWhatWasAsked(asked: readonly WirePackage[], built: readonly PinnedPackage[]): boolean {
  const expected = [...asked].sort(comparePackages)
  return (
    expected.length === built.length &&
    expected.every((wanted, i) => {
      const got = built[i]
      return (
        got !== undefined &&
        comparePackages(wanted, got) === 0 &&
        (wanted.version === undefined || wanted.version === got.version)
      )
    })
  )
}

/** Never throws: whatever a runner says or does not say is an outcome. */
export async function buildImage(options: BuildOptions): Promise<BuildOutcome> {
  const { caller, runner, packages, onProgress } = options
  if ((await runnerHealth(caller, runner)) === null) return DISCONNECTED
  const body = JSON.stringify({ packages })
  const exec = `image-${(await sha256Hex(body)).slice(0, 40)}`
  const post = { method: 'POST', path: '/v1/images', exec, body } as const
  const stream = new AbortController()
  const limit = AbortSignal.timeout(MAX_IMAGE_BUILD_MS + ANSWER_MARGIN_MS)
  try {
    const either = AbortSignal.any([stream.signal, limit])
    const response = await callRunner(caller, runner, post, either)
    if (response.body === null) return DISCONNECTED
    const events = readRecords(response.body, stream, imageBuildEventSchema)
    for await (const { event } of events) {
      const outcome = outcomeOf(event)
      if (outcome !== null) return outcome
    }
  } catch (error) {
    if (error instanceof RunnerError) return refused(error.code, error.message, error.retryAfterMs)
    if (limit.aborted) return refused('TIMEOUT', 'the build took too long', null)
  }
  return DISCONNECTED

  function outcomeOf(event: ImageBuildEvent): BuildOutcome | null {
    switch (event.event) {
      case 'progress':
        onProgress?.(event.line)
        return null
      case 'built':
        return isWhatWasAsked(packages, event.packages)
          ? { kind: 'built', packages: event.packages }
          : refused('BUILD_FAILED', 'the runner built other packages than it was asked for', null)
      case 'error':
        return refused(event.code, event.message, event.retryAfterMs ?? null)
    }
  }
}

/** The first runner that can. A build that fails is not tried elsewhere: it would fail there, too. */
export async function buildAtRunners(
  runners: readonly RunnerEndpoint[],
  options: Omit<BuildOptions, 'runner'>,
): Promise<Result<readonly PinnedPackage[], ImageFailure>> {
  let best: ImageFailure = { kind: 'unavailable', message: 'no runner answers' }
  for (const runner of runners) {
    const outcome = await buildImage({ ...options, runner })
    if (outcome.kind === 'built') return ok(outcome.packages)
    if (outcome.code !== 'BUILD_FAILED') options.caller.onTrouble?.(runner.keyId, outcome.code)
    if (outcome.kind === 'failed') {
      const { code, message } = outcome
      if (code === 'BUILD_FAILED' || code === 'TIMEOUT') return err({ kind: 'failed', message })
      if (best.kind !== 'busy') {
        const isRefused = code === 'UNAUTHENTICATED'
        best = { kind: 'unavailable', message: isRefused ? REFUSED_KEY : NO_BUILDER }
      }
    } else if (outcome.code === 'CAPACITY' || outcome.code === 'IMAGE_MISSING') {
      const message =
        outcome.code === 'CAPACITY'
          ? 'the runners are building as many images as they can'
          : 'the sandbox image itself is still being built'
      best = { kind: 'busy', message, retryAfterMs: outcome.retryAfterMs ?? BUSY_RETRY_MS }
    }
  }
  return err(best)
}

const NO_BUILDER =
  'no runner builds images: EDGECLAW_BUILD_HOSTS of a runner must name the registries it may reach'

const REFUSED_KEY =
  'the runner refuses the gateway’s job: see EDGECLAW_RUNNER_KEY and the keyId in EDGECLAW_RUNNERS'

/** For the race of a job that asked just before its image was there; one that is never there ends. */
const MAX_BUILDS_OF_A_RUNNER = 3

/** The image that one waiting job lacks, built at one runner at a time: any that has it will do. */
export interface MissingImage {
  /** This runner has said so. */
  missedAt(runner: RunnerEndpoint): void
  /** No runner that lacks it is worth another try, and none is building it. */
  isHopeless(): boolean
  /** The pause, or less of it when a build has come to its end. */
  cutShort(pause: Promise<void>): Promise<void>
}

export function createMissingImage(
  caller: RunnerCaller,
  packages: readonly PinnedPackage[],
): MissingImage {
  /** All by key id. */
  const missing = new Set<string>()
  const failed = new Set<string>()
  const builds = new Map<string, number>()
  /** Whether its end is news, and not just a no for now. */
  let building: Promise<boolean> | null = null

  async function build(runner: RunnerEndpoint): Promise<boolean> {
    const { keyId } = runner
    const { kind } = await buildImage({ caller, runner, packages })
    if (kind === 'failed') failed.add(keyId)
    if (kind === 'built') builds.set(keyId, (builds.get(keyId) ?? 0) + 1)
    return kind !== 'later'
  }

  return {
    missedAt(runner) {
      // Without packages it is the runner's own image, which it builds by itself.
      if (packages.length === 0) return
      const { keyId } = runner
      missing.add(keyId)
      if ((builds.get(keyId) ?? 0) >= MAX_BUILDS_OF_A_RUNNER) failed.add(keyId)
      if (building !== null || failed.has(keyId)) return
      building = build(runner).finally(() => {
        building = null
      })
    },
    isHopeless: () =>
      building === null && missing.size > 0 && [...missing].every((keyId) => failed.has(keyId)),
    cutShort: (pause) =>
      building === null
        ? pause
        : Promise.race([pause, building.then((isNews) => (isNews ? undefined : pause))]),
  }
}
