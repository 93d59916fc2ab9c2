/** The launcher's Unix socket: one connection, one request. Knows frames and typed jobs only. */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame } from '../frames.ts'
import { errorKind, log } from '../log.ts'
import type { Builds } from './builds.ts'
import { KEEP, type LauncherEvent, launcherRequestSchema } from './job.ts'
import type { Launcher, Running } from './launch.ts'

const MAX_REQUEST_BYTES = 64 * 1024
const HEAD_BYTES = 5
const JOB_TYPE = 'J'.charCodeAt(0)
/** What the peer says to us in the middle of a job is one short word. */
const MAX_WORD_BYTES = 64
/** Between connecting and a whole request. */
const REQUEST_TIMEOUT_MS = 10_000
/** Docker's framing of an exec's output: stream, three zeros, 32-bit length. */
const DOCKER_HEAD_BYTES = 8
const DOCKER_STDOUT = 1
/** Nobody reads it; a supervisor that goes on has been replaced, and costs the engine its work. */
const MAX_STDERR_BYTES = 64 * 1024

/** Reads the first frame; bytes behind it stay in the socket for the supervisor. */
function readRequest(socket: Socket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let data = Buffer.alloc(0)
    const timer = setTimeout(() => done(new Error('no request in time')), REQUEST_TIMEOUT_MS)
    const done = (result: unknown): void => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('close', onClose)
      socket.pause()
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    const onClose = () => done(new Error('closed'))
    const onData = (chunk: Buffer): void => {
      data = Buffer.concat([data, chunk])
      if (data.length < HEAD_BYTES) return
      const size = data.readUInt32BE(1)
      if (data[0] !== JOB_TYPE || size > MAX_REQUEST_BYTES) {
        done(new Error('malformed request'))
        return
      }
      const end = HEAD_BYTES + size
      if (data.length < end) return
      const rest = data.subarray(end)
      let parsed: unknown
      try {
        parsed = JSON.parse(data.subarray(HEAD_BYTES, end).toString('utf8'))
      } catch {
        parsed = new Error('malformed request')
      }
      done(parsed)
      if (rest.length > 0) socket.unshift(rest)
    }
    socket.on('data', onData)
    socket.on('close', onClose)
  })
}

/** Strips the engine's framing and puts ours around the same bytes; stderr is nobody's. */
function forwardOutput(running: Running, peer: Socket): void {
  let head: Buffer = Buffer.alloc(0)
  let left = 0
  let isStdout = false
  let stderrBytes = 0
  const onChunk = (chunk: Buffer): void => {
    let at = 0
    while (at < chunk.length) {
      if (left === 0) {
        const piece = chunk.subarray(at, at + DOCKER_HEAD_BYTES - head.length)
        head = Buffer.concat([head, piece])
        at += piece.length
        if (head.length < DOCKER_HEAD_BYTES) return
        isStdout = head[0] === DOCKER_STDOUT
        left = head.readUInt32BE(4)
        head = Buffer.alloc(0)
        continue
      }
      const piece = chunk.subarray(at, at + left)
      at += piece.length
      left -= piece.length
      if (!isStdout) {
        stderrBytes += piece.length
        if (stderrBytes > MAX_STDERR_BYTES) {
          running.socket.destroy()
          return
        }
      }
      if (isStdout && !peer.write(encodeFrame('D', piece))) running.socket.pause()
    }
  }
  peer.on('drain', () => running.socket.resume())
  if (running.head.length > 0) onChunk(running.head)
  running.socket.on('data', onChunk)
  running.socket.resume()
}

/**
 * Passes the peer's frames on as they come, without looking into any but a short `J`, which is for us.
 */
function createForwarding(running: Running, onWord: (text: string) => void) {
  let head = Buffer.alloc(0)
  let left = 0
  let word: Buffer[] | null = null
  /** False when the supervisor has no room for more. */
  return (chunk: Buffer): boolean => {
    let hasRoom = true
    const pass = (bytes: Buffer): void => {
      if (running.socket.writable && !running.socket.write(bytes)) hasRoom = false
    }
    let at = 0
    while (at < chunk.length) {
      if (left === 0 && head.length < HEAD_BYTES) {
        const piece = chunk.subarray(at, at + HEAD_BYTES - head.length)
        head = Buffer.concat([head, piece])
        at += piece.length
        if (head.length < HEAD_BYTES) break
        left = head.readUInt32BE(1)
        word = head[0] === JOB_TYPE && left <= MAX_WORD_BYTES ? [] : null
        if (word === null) pass(head)
      }
      const piece = chunk.subarray(at, at + left)
      at += piece.length
      left -= piece.length
      if (word !== null) word.push(piece)
      else if (piece.length > 0) pass(piece)
      if (left > 0) break
      if (word !== null) onWord(Buffer.concat(word).toString('utf8'))
      head = Buffer.alloc(0)
      word = null
    }
    return hasRoom
  }
}

async function serve(socket: Socket, launcher: Launcher, builds: Builds): Promise<void> {
  const send = (event: LauncherEvent): void => {
    if (socket.writable) socket.write(encodeFrame('J', JSON.stringify(event)))
  }
  const request = launcherRequestSchema.safeParse(await readRequest(socket))
  if (!request.success) {
    send({ event: 'failed', code: 'INVALID_JOB', message: 'the job is malformed' })
    socket.end()
    return
  }
  if (request.data.op === 'status') {
    send(await launcher.status(request.data.image))
    socket.end()
    return
  }
  if (request.data.op === 'commit' || request.data.op === 'image') {
    const { data } = request
    send(data.op === 'commit' ? await builds.commit(data) : await builds.find(data))
    socket.end()
    return
  }
  const running =
    request.data.op === 'build'
      ? await builds.start(request.data)
      : await launcher.launch(request.data)
  if ('event' in running) {
    send(running)
    socket.end()
    return
  }
  if (socket.destroyed) {
    running.release(false)
    return
  }
  const { sandbox, isFresh } = running
  send({ event: 'ready', sandbox, isFresh })
  forwardOutput(running, socket)
  let isOver = false
  const onOver = async (): Promise<void> => {
    if (isOver || socket.destroyed) return
    isOver = true
    // The peer closes: it may be about to say that the container is to be kept.
    send({ event: 'ended', exitCode: await running.exitCode() })
  }
  running.socket.on('end', onOver)
  running.socket.on('error', onOver)
  running.socket.on('close', onOver)
  // Its end is the job's end, whoever ends it: no container outlives its connection unasked.
  socket.on('close', () => running.release(false))
  socket.on('end', () => socket.destroy())
  const forward = createForwarding(running, (word) => {
    // At once, not with the connection's end: the holder's next job may be on its way already.
    if (word === KEEP) running.release(true)
  })
  socket.on('data', (chunk: Buffer) => {
    if (forward(chunk)) return
    socket.pause()
    running.socket.once('drain', () => socket.resume())
  })
  socket.resume()
}

export function createLauncherServer(launcher: Launcher, builds: Builds): Server {
  return createServer({ allowHalfOpen: false, pauseOnConnect: false }, (socket) => {
    socket.on('error', () => socket.destroy())
    serve(socket, launcher, builds).catch((error: unknown) => {
      log('launcher_request_failed', { error: errorKind(error) })
      socket.destroy()
    })
  })
}
