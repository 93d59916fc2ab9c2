/** Front's side of the launcher's socket: ask its state, or open a job and speak with its supervisor. */
import { connect, type Socket } from 'node:net'
import { encodeFrame, type Frame, readFrames } from '../frames.ts'
import {
  KEEP,
  type LauncherEvent,
  type LauncherRequest,
  type LauncherStatus,
  launcherEventSchema,
  type RunRequest,
} from '../launcher/job.ts'
import { Refusal } from './refusal.ts'

const unavailable = (): Refusal =>
  new Refusal('ENGINE_UNAVAILABLE', 'the sandbox launcher does not answer')

function open(path: string, request: LauncherRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', () => reject(unavailable()))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      // Reading ends with the socket; errors need no second report.
      socket.on('error', () => {})
      socket.write(encodeFrame('J', JSON.stringify(request)))
      resolve(socket)
    })
  })
}

const parseEvent = (frame: Frame): LauncherEvent =>
  launcherEventSchema.parse(JSON.parse(frame.payload.toString('utf8')))

export interface Session {
  /** Names the container for as long as it lives. */
  readonly sandbox: string
  /** It ran nothing before. */
  readonly isFresh: boolean
  /** Resolves when the container has room for more. */
  readonly send: (frame: Buffer) => Promise<void>
  /** The supervisor's frames, in order; ends when the container's output does. */
  readonly frames: AsyncGenerator<Frame>
  /** Once `frames` has ended: whether the engine still knows how the supervisor went. */
  readonly engineIsAlive: () => boolean
  /** Before `close`: the job ended well, its holder may be given the container again. */
  readonly keep: () => void
  /** Destroys the container that is not kept. */
  readonly close: () => void
}

export function createLauncherClient(path: string) {
  return {
    async status(): Promise<LauncherStatus | null> {
      try {
        const socket = await open(path, { op: 'status' })
        for await (const frame of readFrames(socket)) {
          const event = parseEvent(frame)
          socket.destroy()
          if (event.event === 'status') return event
        }
      } catch {
        // No launcher, no status.
      }
      return null
    },

    /** A container whose supervisor waits for its header. */
    async run(job: Omit<RunRequest, 'op'>, signal: AbortSignal): Promise<Session> {
      const socket = await open(path, { op: 'run', ...job })
      let isKept = false
      const close = (): void => {
        if (!isKept) {
          socket.destroy()
          return
        }
        // Closed with something unread, a Unix socket takes back what it has just sent.
        socket.end()
        socket.resume()
      }
      signal.addEventListener('abort', close, { once: true })
      socket.once('close', () => signal.removeEventListener('abort', close))
      // Who reads to the supervisor's last frame has a word to say yet: reading must not end the socket.
      const outer = readFrames(socket.iterator({ destroyOnReturn: false }))
      const first = await outer.next().catch(() => ({ done: true, value: undefined }) as const)
      if (first.done === true || first.value === undefined) {
        close()
        throw signal.aborted ? new Refusal('CANCELLED', 'the command was cancelled') : unavailable()
      }
      const answer = parseEvent(first.value)
      if (answer.event !== 'ready') {
        close()
        throw answer.event === 'failed'
          ? new Refusal(
              answer.code,
              answer.message,
              answer.code === 'CAPACITY' || answer.code === 'IMAGE_MISSING'
                ? { retryAfterMs: 1_000 }
                : {},
            )
          : unavailable()
      }
      let isEngineAlive = false
      async function* bytes(): AsyncGenerator<Uint8Array> {
        for await (const frame of outer) {
          if (frame.type === 'D') yield frame.payload
          else if (frame.type === 'J') {
            const event = parseEvent(frame)
            if (event.event !== 'ended') continue
            isEngineAlive = event.exitCode !== null
            return
          }
        }
      }
      return {
        sandbox: answer.sandbox,
        isFresh: answer.isFresh,
        keep: () => {
          if (isKept || socket.destroyed) return
          socket.write(encodeFrame('J', KEEP))
          isKept = true
        },
        send: (frame) =>
          new Promise<void>((resolve, reject) => {
            if (socket.destroyed) return reject(unavailable())
            if (socket.write(frame)) return resolve()
            const done = (): void => {
              socket.off('drain', done)
              socket.off('close', done)
              if (socket.destroyed) reject(unavailable())
              else resolve()
            }
            socket.on('drain', done)
            socket.on('close', done)
          }),
        frames: readFrames(bytes()),
        engineIsAlive: () => isEngineAlive,
        close,
      }
    },
  }
}
export type LauncherClient = ReturnType<typeof createLauncherClient>
