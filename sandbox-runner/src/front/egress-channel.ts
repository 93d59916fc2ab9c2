/**
 * Front's end of the egress channel: the supervisor's frames become streams, one for each connection
 * that was made inside the container (`launcher/egress.pl` tells the frames). Each end sends as much
 * as the other has room for. Whatever breaks the rules ends the job: the frames come out of a
 * container. Where a connection leads is not known here.
 */
import { Duplex } from 'node:stream'
import { encodeFrame, type Frame, FrameError } from '../frames.ts'

/** What one end may have on the way, in each direction of each connection. */
export const EGRESS_WINDOW = 64 * 1024
/** At once; whoever connects further waits inside the container. */
export const MAX_EGRESS_CONNECTIONS = 32
/** Room is given back in pieces of this size, so that it costs few frames. */
const STEP = 16 * 1024
const PIECE = 32 * 1024

export interface EgressLimits {
  /** Over the life of the channel, in each direction. */
  readonly maxBytes: number
  readonly maxConnections: number
}

export interface EgressChannelOptions extends EgressLimits {
  readonly send: (frame: Buffer) => Promise<void>
  readonly ports: readonly number[]
  readonly onConnection: (stream: Duplex, port: number) => void
  /** A limit of the whole channel is reached: nothing goes through any more. */
  readonly onSpent: (limit: 'bytes' | 'connections') => void
}

export interface EgressChannel {
  /** False for a frame that is none of this channel's; throws a FrameError for a malformed one. */
  readonly onFrame: (frame: Frame) => boolean
  readonly close: () => void
}

interface Link {
  readonly stream: Duplex
  readonly onRoom: (bytes: number) => void
  readonly onBytes: (bytes: Buffer) => void
  readonly onEnd: () => void
  /** The other end has let go. */
  readonly onGone: () => void
}

const malformed = (): FrameError => new FrameError('malformed egress frame')

export function createEgressChannel(options: EgressChannelOptions): EgressChannel {
  const { maxBytes, maxConnections } = options
  const links = new Map<number, Link>()
  let lastId = 0
  let isClosed = false
  /** No connection more, and no byte more. */
  let isDeaf = false
  let isDry = false
  const passed = { in: 0, out: 0 }
  // One frame after the other: so that only one ever waits for the container to take more.
  let tail: Promise<void> = Promise.resolve()

  function post(type: string, id: number, rest?: Uint8Array): Promise<void> {
    if (isClosed) return tail
    const head = Buffer.alloc(4)
    head.writeUInt32BE(id)
    const frame = encodeFrame(type, rest === undefined ? head : Buffer.concat([head, rest]))
    tail = tail.then(() => options.send(frame))
    tail.catch(() => {})
    return tail
  }

  function goDeaf(limit: 'bytes' | 'connections'): void {
    if (isDeaf) return
    isDeaf = true
    post('l', 0)
    options.onSpent(limit)
  }

  function count(direction: 'in' | 'out', bytes: number): void {
    passed[direction] += bytes
    if (passed[direction] <= maxBytes || isDry) return
    isDry = true
    goDeaf('bytes')
    for (const { stream } of links.values()) stream.destroy()
  }

  function open(id: number): Link {
    /** What we may send, and what the other end may. */
    let credit = EGRESS_WINDOW
    let room = EGRESS_WINDOW
    let owed = 0
    let hasEnded = false
    let hasFinished = false
    let saidGone = false
    let pending: { chunk: Buffer; readonly done: (error?: Error | null) => void } | null = null
    let isSending = false

    function leave(): void {
      if (!saidGone) post('x', id)
      saidGone = true
    }

    function pump(): void {
      if (pending === null || credit === 0 || isSending) return
      const { chunk, done } = pending
      const piece = chunk.subarray(0, Math.min(credit, PIECE))
      credit -= piece.length
      isSending = true
      count('out', piece.length)
      post('d', id, piece).then(
        () => {
          isSending = false
          if (stream.destroyed) return
          const left = chunk.subarray(piece.length)
          pending = left.length === 0 ? null : { chunk: left, done }
          if (pending === null) done()
          pump()
        },
        (error: Error) => done(error),
      )
    }

    const stream = new Duplex({
      highWaterMark: EGRESS_WINDOW,
      read: () => {
        if (owed < STEP || hasEnded) return
        const given = Buffer.alloc(4)
        given.writeUInt32BE(owed)
        room += owed
        owed = 0
        post('w', id, given)
      },
      write: (chunk: Buffer, _encoding, done) => {
        pending = { chunk, done }
        pump()
      },
      final: (done) => {
        hasFinished = true
        post('q', id)
        done()
      },
      destroy: (error, done) => {
        pending = null
        // At the end of both directions the other end may still have bytes to hand over: it says
        // when it is done, and is answered then.
        if (error !== null || !hasEnded || !hasFinished) leave()
        done(error)
      },
    })
    // Whoever uses the stream hears of its end; an error has nothing more to tell.
    stream.on('error', () => {})
    return {
      stream,
      onRoom: (bytes) => {
        if (bytes === 0 || credit + bytes > EGRESS_WINDOW) throw malformed()
        credit += bytes
        pump()
      },
      onBytes: (bytes) => {
        room -= bytes.length
        if (bytes.length === 0 || room < 0 || hasEnded) throw malformed()
        count('in', bytes.length)
        if (stream.destroyed) return
        owed += bytes.length
        // A copy: the piece of input around it must not stay for its sake.
        stream.push(Buffer.from(bytes))
      },
      onEnd: () => {
        if (hasEnded) throw malformed()
        hasEnded = true
        stream.push(null)
      },
      onGone: () => {
        leave()
        stream.destroy()
      },
    }
  }

  function onNew(payload: Buffer): void {
    if (payload.length !== 6) throw malformed()
    const id = payload.readUInt32BE(0)
    const port = payload.readUInt16BE(4)
    const isNext = id === lastId + 1 && links.size < MAX_EGRESS_CONNECTIONS
    // Some may be on their way when we say that no more shall come.
    const isTooLate = id > maxConnections + MAX_EGRESS_CONNECTIONS
    if (!isNext || isTooLate || !options.ports.includes(port)) throw malformed()
    lastId = id
    const link = open(id)
    links.set(id, link)
    if (id >= maxConnections) goDeaf('connections')
    if (id > maxConnections || isDry) link.stream.destroy()
    else options.onConnection(link.stream, port)
  }

  function onFrame({ type, payload }: Frame): boolean {
    if (!/^[ndwqx]$/.test(type)) return false
    if (isClosed || payload.length < 4) throw malformed()
    if (type === 'n') {
      onNew(payload)
      return true
    }
    const id = payload.readUInt32BE(0)
    const link = links.get(id)
    const hasRest = type === 'd' || (type === 'w' && payload.length === 8)
    if (link === undefined || hasRest !== payload.length > 4) throw malformed()
    if (type === 'd') link.onBytes(payload.subarray(4))
    else if (type === 'w') link.onRoom(payload.readUInt32BE(4))
    else if (type === 'q') link.onEnd()
    else {
      links.delete(id)
      link.onGone()
    }
    return true
  }

  return {
    onFrame,
    close: () => {
      isClosed = true
      for (const { stream } of links.values()) stream.destroy()
      links.clear()
    },
  }
}
