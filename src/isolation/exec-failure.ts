/**
 * What the attempts at runners come to for whoever asked: which of several answers gives most hope, what
 * is worth waiting for and how long, and what is said in the end. Pure.
 */
import type { SandboxFailure } from '../domain/ports/sandbox.ts'
import type { Attempt } from './exec-attempt.ts'

/** A first build of the image takes one to three minutes. */
const MAX_IMAGE_WAIT_MS = 10 * 60_000
/** Another image is loaded by its owner, or was misspelt: then waiting brings nothing. */
const MAX_OWN_IMAGE_WAIT_MS = 60_000
/** Twenty jobs at once on a small runner are through in less. */
const MAX_CAPACITY_WAIT_MS = 20_000

export const UNAVAILABLE: SandboxFailure = {
  kind: 'unavailable',
  message: 'no runner could take the command',
}
const NO_IMAGE =
  'the runner has no sandbox image; whoever keeps it must build one (sandbox-runner/image/build) or load the one that EDGECLAW_SANDBOX_IMAGE names'
export const CANCELLED: SandboxFailure = { kind: 'cancelled', message: 'the command was cancelled' }

export type NotStarted = Extract<Attempt, { kind: 'not_started' }>

/** Of several runners' answers the one that gives most hope decides what is waited for. */
export const rank = ({ code }: NotStarted): number =>
  code === 'CAPACITY' ? 2 : code === 'IMAGE_MISSING' ? 1 : 0

interface ImageWait {
  readonly maxMs: number
  readonly reason: string
}
export const BUILT: ImageWait = {
  maxMs: MAX_IMAGE_WAIT_MS,
  reason: 'the sandbox image is being built',
}
export const OWN_IMAGE: ImageWait = {
  maxMs: MAX_OWN_IMAGE_WAIT_MS,
  reason: 'the sandbox image is not there yet',
}

export function slowReasonOf(
  { code }: NotStarted,
  waitedMs: number,
  image: ImageWait,
): string | null {
  if (code === 'IMAGE_MISSING' && waitedMs < image.maxMs) return image.reason
  if (code === 'CAPACITY' && waitedMs < MAX_CAPACITY_WAIT_MS) return 'all sandboxes are in use'
  return null
}

/** A refusal that no other runner would answer differently. */
export function toRefusal({ code, message }: NotStarted): SandboxFailure | null {
  switch (code) {
    case 'WORKSPACE_TOO_LARGE':
      return { kind: 'workspace_rejected', message, sawUntrusted: false }
    case 'INVALID_JOB':
    case 'CONFLICT':
    case 'TIMEOUT':
    case 'CHANGES_REJECTED':
      return { kind: 'refused', message }
    default:
      return null
  }
}

/** What a refusal says of the job is told to whoever asked for it, and is no runner's trouble. */
export function troubleOf(result: Attempt): NotStarted['code'] | null {
  switch (result.kind) {
    case 'not_started':
      return toRefusal(result) === null ? result.code : null
    case 'unknown':
      return 'OUTCOME_UNKNOWN'
    case 'failed':
      return isOfChanges(result.code) ? null : result.code
    case 'exited':
    case 'cancelled':
      return null
  }
}

const isOfChanges = (code: NotStarted['code']): boolean =>
  code === 'WORKSPACE_TOO_LARGE' || code === 'CHANGES_REJECTED'

export function toUnavailable(best: NotStarted | null): SandboxFailure {
  if (best?.code === 'CAPACITY') {
    const retryAfterMs = best.retryAfterMs ?? 1_000
    return { kind: 'capacity', message: 'all sandboxes are in use', retryAfterMs }
  }
  if (best?.code === 'IMAGE_MISSING') {
    return { kind: 'unavailable', message: NO_IMAGE }
  }
  return UNAVAILABLE
}

export function toFailure(
  result: Exclude<Attempt, { kind: 'exited' | 'not_started' }>,
  sawUntrusted: boolean,
): SandboxFailure {
  switch (result.kind) {
    case 'cancelled':
      return CANCELLED
    case 'unknown':
      return { kind: 'outcome_unknown', message: result.message }
    case 'failed':
      return isOfChanges(result.code)
        ? {
            kind: 'workspace_rejected',
            message: `${result.message}; none of the command’s changes to files were kept`,
            sawUntrusted,
          }
        : { kind: 'outcome_unknown', message: result.message }
  }
}
