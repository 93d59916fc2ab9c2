/**
 * Frames on the runner's inner pipes: one type letter, a 32-bit length, the payload. Between the
 * supervisor in the container and front, and between launcher and front around that.
 */

/** Tar pieces and output pieces are at most 128 KiB, lists of 64 paths at most 260 KiB. */
export const MAX_FRAME_BYTES = 512 * 1024

const HEAD_BYTES = 5

export interface Frame {
  readonly type: string
  readonly payload: Buffer
}

export function encodeFrame(type: string, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length)
  frame.write(type, 0, 1, 'latin1')
  frame.writeUInt32BE(body.length, 1)
  frame.set(body, HEAD_BYTES)
  return frame
}

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Cuts a byte stream into frames; a frame beyond the limit ends it, so memory stays bounded. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let pending: Buffer[] = []
  let length = 0
  let want = HEAD_BYTES
  for await (const chunk of source) {
    pending.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    length += chunk.byteLength
    if (length < want) continue
    const data = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending, length)
    let at = 0
    for (;;) {
      const left = data.length - at
      want = HEAD_BYTES
      if (left < HEAD_BYTES) break
      const size = data.readUInt32BE(at + 1)
      if (size > MAX_FRAME_BYTES) throw new FrameError('frame is too long')
      want = HEAD_BYTES + size
      if (left < want) break
      const type = String.fromCharCode(data[at] ?? 0)
      yield { type, payload: data.subarray(at + HEAD_BYTES, at + want) }
      at += want
    }
    pending = at === data.length ? [] : [data.subarray(at)]
    length = data.length - at
  }
  if (length > 0) throw new FrameError('stream ends inside a frame')
}
