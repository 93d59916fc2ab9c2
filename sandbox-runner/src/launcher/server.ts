/** The launcher's Unix socket: one connection, one request. Knows frames and typed jobs only. */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame } from '../frames.ts'
import { errorKind, log } from '../log.ts'
import { type LauncherEvent, launcherRequestSchema } from './job.ts'
import type { Launcher, Running } from './launch.ts'

const MAX_REQUEST_BYTES = 64 * 1024
const HEAD_BYTES = 5
/** Between connecting and a whole request. */
const REQUEST_TIMEOUT_MS = 10_000
/** Docker's framing of an exec's output: stream, three zeros, 32-bit length. */
const DOCKER_HEAD_BYTES = 8
const DOCKER_STDOUT = 1

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
      if (data[0] !== 'J'.charCodeAt(0) || size > MAX_REQUEST_BYTES) {
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
      if (isStdout && !peer.write(encodeFrame('D', piece))) running.socket.pause()
    }
  }
  peer.on('drain', () => running.socket.resume())
  if (running.head.length > 0) onChunk(running.head)
  running.socket.on('data', onChunk)
}

async function serve(socket: Socket, launcher: Launcher): Promise<void> {
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
  const running = await launcher.launch(request.data)
  if ('event' in running) {
    send(running)
    socket.end()
    return
  }
  const { execId } = request.data
  const destroy = (): void => {
    running.destroy().catch((error: unknown) => {
      log('container_not_removed', { execId, error: errorKind(error) })
    })
  }
  if (socket.destroyed) {
    destroy()
    return
  }
  send({ event: 'ready' })
  forwardOutput(running, socket)
  let isOver = false
  const onOver = async (): Promise<void> => {
    if (isOver) return
    isOver = true
    send({ event: 'ended', exitCode: await running.exitCode() })
    socket.end()
  }
  running.socket.on('end', onOver)
  running.socket.on('error', onOver)
  running.socket.on('close', onOver)
  // Its end is the job's end, whoever ends it: no container outlives its connection.
  socket.on('close', destroy)
  socket.on('end', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    if (running.socket.writable && !running.socket.write(chunk)) {
      socket.pause()
      running.socket.once('drain', () => socket.resume())
    }
  })
  socket.resume()
}

export function createLauncherServer(launcher: Launcher): Server {
  return createServer({ allowHalfOpen: false, pauseOnConnect: false }, (socket) => {
    socket.on('error', () => socket.destroy())
    serve(socket, launcher).catch((error: unknown) => {
      log('launcher_request_failed', { error: errorKind(error) })
      socket.destroy()
    })
  })
}
