/**
 * Runs one job in one container: sends header and workspace, relays output, takes the changes back.
 * It believes the supervisor's frames as little as the archive: each is bounded and checked, and a
 * supervisor that falls silent past its limits loses its container.
 */
import { constants } from 'node:os'
import {
  type ExecEvent,
  type ExecRequest,
  KILL_GRACE_MS,
  MAX_WORKSPACE_FILES,
  type WireChanges,
  type WireManifestEntry,
} from '../../../src/isolation/contract.ts'
import { encodeFrame, type Frame, FrameError } from '../frames.ts'
import type { BlobStore } from './blobs.ts'
import { gatherOutput, type StreamName } from './gather-output.ts'
import { type JobEgress, PROXY_ENV } from './job-egress.ts'
import type { Session } from './launcher-client.ts'
import { difference, type Manifest } from './manifests.ts'
import { packWorkspace, sentinelAt } from './pack-workspace.ts'
import { Refusal } from './refusal.ts'
import { LostError, parseContainerPath, unpackChanges } from './unpack-changes.ts'

/** For the supervisor to notice its own deadline before we stop believing in it. */
const DEADLINE_MARGIN_MS = 1_500
/** For finding and packing at most 256 MB of changes on a loaded machine. */
const CHANGES_TIMEOUT_MS = 120_000
const STDIN_PIECE_BYTES = 128 * 1024
/**
 * A supervisor in an image with packages runs on their perl and may say anything. An honest one has no
 * more to say than this, whatever its job: it sends small pieces at most every 4 ms.
 */
const MAX_FRAMES = 500_000
const BASH = ['/bin/bash', '--noprofile', '--norc', '-c']

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
)

export interface SuperviseOptions {
  readonly request: ExecRequest
  readonly tenant: string
  readonly manifest: Manifest
  /** What the container's workspace holds already; empty in a new one, null when nobody knows. */
  readonly held: Manifest | null
  readonly session: Session
  readonly blobs: BlobStore
  /** Null for a job without network. */
  readonly egress: JobEgress | null
  /** Called right before the command is let go. */
  readonly onStart: () => void
  readonly emit: (event: ExecEvent) => void
  readonly isCancelled: () => boolean
  /** The job ended well and its container is kept, its workspace holding this. */
  readonly onKept: (holds: Manifest) => void
}

/** Paths in one frame: 256 at their longest are 260 KiB. */
const PATHS_PER_FRAME = 256
const NOTHING: Manifest = new Map()

function headerFrame({ request, held, egress }: SuperviseOptions): Buffer {
  const { profile, command, cwd } = request
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    // Beside a credential a program must not find its settings among the files of the workspace.
    HOME: profile.isOneShot ? '/tmp' : '/workspace',
    LANG: 'C.UTF-8',
    // Where an image's npm packages lie: without it only their programs are found.
    ...(profile.packages?.some(({ manager }) => manager === 'npm')
      ? { NODE_PATH: '/usr/local/lib/node_modules' }
      : {}),
    ...request.env,
    ...(egress === null ? {} : PROXY_ENV),
  }
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const argv = command.kind === 'script' ? [...BASH, command.script] : command.argv
  const { timeoutMs, outputBytes } = profile.limits
  const start = held !== null ? 'kept' : 'empty'
  const keep = profile.isOneShot ? 0 : 1
  const limits = [timeoutMs, KILL_GRACE_MS, outputBytes]
  const fields = [profile.access, ...limits, cwd, start, keep, egress?.ports.join(',') ?? '']
  return encodeFrame('H', [...fields, pairs.length, ...pairs, argv.length, ...argv].join('\0'))
}

async function sendJob(options: SuperviseOptions): Promise<void> {
  const { request, session, manifest, held } = options
  await session.send(headerFrame(options))
  const { put, remove } = difference(held ?? NOTHING, manifest)
  for (let at = 0; at < remove.length; at += PATHS_PER_FRAME) {
    const paths = remove.slice(at, at + PATHS_PER_FRAME)
    await session.send(encodeFrame('X', paths.join('\0')))
  }
  const stdin = Buffer.from(request.stdin ?? '')
  for (let at = 0; at < stdin.length; at += STDIN_PIECE_BYTES) {
    await session.send(encodeFrame('I', stdin.subarray(at, at + STDIN_PIECE_BYTES)))
  }
  if (put.size > 0) {
    const archive = packWorkspace(put, options.tenant, options.blobs, sentinelAt(Date.now()))
    // Many small files make many small pieces: gathered, so that each is not a frame of its own.
    let pieces: Buffer[] = []
    let length = 0
    for await (const piece of archive) {
      for (let at = 0; at < piece.length; at += STDIN_PIECE_BYTES) {
        const part = piece.subarray(at, at + STDIN_PIECE_BYTES)
        pieces.push(part)
        length += part.length
        if (length < STDIN_PIECE_BYTES) continue
        await session.send(encodeFrame('T', Buffer.concat(pieces, length)))
        pieces = []
        length = 0
      }
    }
    if (length > 0) await session.send(encodeFrame('T', Buffer.concat(pieces, length)))
  }
  await session.send(encodeFrame('E'))
  if (options.isCancelled()) throw new Refusal('CANCELLED', 'the command was cancelled')
  options.onStart()
  await session.send(encodeFrame('G'))
}

interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly oom: boolean
}

function parseOutcome(payload: Buffer): Outcome {
  const match = /^(\d{1,3}) (\d{1,3}) ([01]) ([01])$/.exec(payload.toString('latin1'))
  if (match === null) throw new FrameError('malformed outcome')
  const signal = Number(match[2])
  return {
    code: signal === 0 ? Number(match[1]) : null,
    signal: signal === 0 ? null : (SIGNAL_NAMES.get(signal) ?? String(signal)),
    timedOut: match[3] === '1',
    oom: match[4] === '1',
  }
}

/** What the supervisor says about itself, in words for the caller. */
const FAILURES: Readonly<Record<string, Refusal>> = {
  unpack: new Refusal('WORKSPACE_TOO_LARGE', 'the workspace does not fit into the sandbox'),
  pack: new Refusal(
    'WORKSPACE_TOO_LARGE',
    'the changed files could not be taken out of the sandbox',
  ),
}

/** Only what really differs: a file touched, or rewritten with the same content, is no change. */
function diff(
  manifest: Manifest,
  found: readonly WireManifestEntry[],
  deleted: readonly string[],
  notKept: number,
): WireChanges {
  const put = found.filter(({ path, sha256, mode }) => {
    const before = manifest.get(path)
    return before === undefined || before.sha256 !== sha256 || (before.mode | 0o600) !== mode
  })
  return { put, delete: deleted.filter((path) => manifest.has(path)), notKept }
}

/** What the workspace in the container holds then; under `ro` and `none` the supervisor empties it. */
function after(
  request: ExecRequest,
  manifest: Manifest,
  found: readonly WireManifestEntry[],
  deleted: ReadonlySet<string>,
): Manifest {
  if (request.profile.access !== 'rw') return NOTHING
  if (found.length === 0 && deleted.size === 0) return manifest
  const holds = new Map(manifest)
  for (const path of deleted) holds.delete(path)
  for (const entry of found) holds.set(entry.path, entry)
  return holds
}

/** The supervisor's side of the conversation, as far as it has come. */
interface Progress {
  hasStarted: boolean
  startedAt: number
  outcome: Outcome | null
  durationMs: number
  isOver: boolean
  /** Our own deadline passed, not the supervisor's. */
  isSilent: boolean
  readonly deleted: Set<string>
  notKept: number
}

/** However the container's output breaks off, it is one thing: lost. */
async function* framesOf(session: Session): AsyncGenerator<Frame> {
  try {
    yield* session.frames
  } catch {
    // A destroyed socket or half a frame.
  }
  throw new LostError('the output ends early')
}

/** Reads the supervisor's frames; what it yields is the archive of changed files. */
async function* readSupervisor(
  { request, session, emit, manifest, egress }: SuperviseOptions,
  progress: Progress,
  arm: (ms: number) => void,
  gathered: ReturnType<typeof gatherOutput>,
): AsyncGenerator<Buffer> {
  const { timeoutMs, outputBytes } = request.profile.limits
  const written = { stdout: 0, stderr: 0 }
  let frames = 0
  let deletedNames = 0
  const output = (event: StreamName, payload: Buffer): void => {
    written[event] += payload.length
    if (written[event] > outputBytes) throw new FrameError('too much output')
    if (payload.length === 0) throw new FrameError('output of no bytes')
    gathered.add(event, payload)
  }
  /** Said twice, they would put the deadline off, or fill the record, without end. */
  const said = new Set<string>()
  const once = (what: string): void => {
    if (said.has(what)) throw new FrameError('a frame comes twice')
    said.add(what)
  }
  const onFrame = ({ type, payload }: Frame): void => {
    switch (type) {
      case 'S':
        once('S')
        progress.startedAt = performance.now()
        arm(timeoutMs + KILL_GRACE_MS + DEADLINE_MARGIN_MS)
        return
      case 'o':
        output('stdout', payload)
        return
      case 'e':
        output('stderr', payload)
        return
      case 't': {
        const stream = payload.toString() === 'e' ? 'stderr' : 'stdout'
        once(stream)
        gathered.flush()
        emit({ event: 'truncated', stream })
        return
      }
      case 'c':
        once('c')
        egress?.close()
        gathered.flush()
        progress.outcome = parseOutcome(payload)
        progress.durationMs = Math.round((performance.now() - progress.startedAt) * 10) / 10
        arm(CHANGES_TIMEOUT_MS)
        return
      case 'D':
        for (const name of payload.toString('utf8').split('\0')) {
          deletedNames += 1
          if (deletedNames > MAX_WORKSPACE_FILES) throw new FrameError('too many deleted paths')
          const path = parseContainerPath(name)
          if (manifest.has(path)) progress.deleted.add(path)
        }
        return
      case 'N':
        once('N')
        progress.notKept = Math.min(Number(payload.toString('latin1')) || 0, 1_000_000)
        return
      case 'F':
        throw (
          FAILURES[payload.toString('latin1')] ??
          (progress.outcome === null
            ? new Refusal('ENGINE_UNAVAILABLE', 'the sandbox could not prepare the command')
            : new Refusal('CHANGES_REJECTED', 'the changed files could not be looked at'))
        )
      default:
        if (!said.has('S') || egress?.onFrame({ type, payload }) !== true) {
          throw new FrameError('unknown frame')
        }
    }
  }
  for await (const frame of framesOf(session)) {
    frames += 1
    if (frames > MAX_FRAMES) throw new FrameError('too many frames')
    if (frame.type === 'Z') {
      progress.isOver = true
      return
    }
    if (frame.type === 'A') yield frame.payload
    else onFrame(frame)
  }
}

/** What is told when the supervisor did not come to its end. */
function lostOutcome(
  { request, session }: SuperviseOptions,
  { hasStarted, outcome, isSilent, startedAt }: Progress,
): ExecEvent {
  if (!hasStarted) {
    throw new Refusal('ENGINE_UNAVAILABLE', 'the sandbox was lost before the command started')
  }
  if (outcome !== null) {
    throw isSilent
      ? new Refusal('TIMEOUT', 'taking the changed files out took too long')
      : new Refusal('OUTCOME_UNKNOWN', 'the sandbox was lost after the command had run')
  }
  const killed = { event: 'exit', code: null, signal: 'SIGKILL', oom: false } as const
  // Stopped or starved by the command itself, and now gone with its container.
  if (isSilent) return { ...killed, timedOut: true, durationMs: request.profile.limits.timeoutMs }
  // The engine is well and the supervisor is not: the command killed it.
  if (session.engineIsAlive()) {
    return { ...killed, timedOut: false, durationMs: Math.round(performance.now() - startedAt) }
  }
  throw new Refusal('OUTCOME_UNKNOWN', 'the sandbox was lost while the command ran')
}

/** Emits everything up to `exit`; throws a Refusal for what ends as `error`. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { request, session, emit, manifest } = options
  const progress: Progress = {
    hasStarted: false,
    startedAt: performance.now(),
    outcome: null,
    durationMs: 0,
    isOver: false,
    isSilent: false,
    deleted: new Set(),
    notKept: 0,
  }
  let deadline: NodeJS.Timeout | undefined
  const arm = (ms: number): void => {
    clearTimeout(deadline)
    deadline = setTimeout(() => {
      progress.isSilent = true
      session.close()
    }, ms)
  }
  const gathered = gatherOutput((event, bytes) => emit({ event, b64: bytes.toString('base64') }))
  const onStart = (): void => {
    progress.hasStarted = true
    options.onStart()
  }
  try {
    arm(CHANGES_TIMEOUT_MS)
    // The supervisor may refuse while we are still sending: both directions at once.
    const [sent, read] = await Promise.allSettled([
      sendJob({ ...options, onStart }).catch((error: unknown) => {
        session.close()
        throw error
      }),
      unpackChanges(readSupervisor(options, progress, arm, gathered), (file) =>
        options.blobs.add(options.tenant, file),
      ).catch((error: unknown) => {
        session.close()
        throw error
      }),
    ])
    gathered.flush()
    if (options.isCancelled()) throw new Refusal('CANCELLED', 'the command was cancelled')
    if (read.status === 'rejected' && !(read.reason instanceof LostError)) throw read.reason
    if (sent.status === 'rejected' && !progress.hasStarted) throw sent.reason
    if (read.status === 'rejected' || progress.outcome === null) {
      emit(lostOutcome(options, progress))
      return
    }
    const { timedOut, oom } = progress.outcome
    if (!request.profile.isOneShot && !timedOut && !oom) {
      session.keep()
      options.onKept(after(request, manifest, read.value, progress.deleted))
    }
    if (request.profile.access === 'rw') {
      emit({
        event: 'changes',
        ...diff(manifest, read.value, [...progress.deleted], progress.notKept),
      })
    }
    emit({ event: 'exit', ...progress.outcome, durationMs: progress.durationMs })
  } finally {
    clearTimeout(deadline)
    options.egress?.close()
    session.close()
  }
}
