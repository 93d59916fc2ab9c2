/**
 * Reads the server's name out of the first bytes of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3).
 * A bounded reader of one message; it answers what stands there and decides nothing.
 */

/** With post-quantum key shares a hello is 2 KB; none needs more. */
export const MAX_HELLO_BYTES = 16 * 1024

const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
/** The message's type and length. */
const HEAD_BYTES = 4
const SERVER_NAME = 0
const HOST_NAME = 0
/** RFC 9849: the name that is really meant travels encrypted beside another one. */
const ENCRYPTED_CLIENT_HELLO = 0xfe0d

export type Hello =
  /** More bytes are needed to tell. */
  | { readonly kind: 'partial' }
  /** No TLS, no hello, or a malformed one. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'hello'; readonly serverName: string | null; readonly hidesName: boolean }

const PARTIAL: Hello = { kind: 'partial' }
const MALFORMED: Hello = { kind: 'malformed' }

/** The handshake's bytes as far as they are there; null for what is no record of a handshake. */
function handshakeBytes(data: Buffer): Buffer | null {
  const pieces: Buffer[] = []
  let head = Buffer.alloc(0)
  let length = 0
  for (let at = 0; at < data.length; ) {
    if (data[at] !== HANDSHAKE_RECORD || (data[at + 1] ?? 3) !== 3) return null
    if (data.length - at < 5) break
    const size = data.readUInt16BE(at + 3)
    if (size === 0) return null
    const piece = data.subarray(at + 5, at + 5 + size)
    pieces.push(piece)
    length += piece.length
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece]).subarray(0, HEAD_BYTES)
    // Behind the hello may stand what is no handshake any more.
    if (head.length === HEAD_BYTES && length >= HEAD_BYTES + head.readUIntBE(1, 3)) break
    at += 5 + size
  }
  return Buffer.concat(pieces)
}

/** Cuts vectors off the front; throws a RangeError past the end, as Buffer does. */
function createReader(data: Buffer) {
  let at = 0
  const take = (size: number): Buffer => {
    if (size > data.length - at) throw new RangeError('short')
    at += size
    return data.subarray(at - size, at)
  }
  const number = (bytes: 1 | 2): number => take(bytes).readUIntBE(0, bytes)
  return {
    take,
    number,
    vector: (bytes: 1 | 2) => take(number(bytes)),
    isOver: () => at >= data.length,
  }
}

function readBody(body: Buffer): Hello {
  const hello = createReader(body)
  hello.take(2 + 32)
  hello.vector(1)
  hello.vector(2)
  hello.vector(1)
  let serverName: string | null = null
  let hidesName = false
  const extensions = createReader(hello.isOver() ? Buffer.alloc(0) : hello.vector(2))
  while (!extensions.isOver()) {
    const type = extensions.number(2)
    const content = extensions.vector(2)
    if (type === ENCRYPTED_CLIENT_HELLO) hidesName = true
    if (type !== SERVER_NAME) continue
    const names = createReader(createReader(content).vector(2))
    // Two of them would leave it to the server which one counts.
    if (serverName !== null || names.number(1) !== HOST_NAME) return MALFORMED
    serverName = names.vector(2).toString('latin1')
    if (!names.isOver()) return MALFORMED
  }
  return { kind: 'hello', serverName, hidesName }
}

export function readClientHello(data: Buffer): Hello {
  const bytes = handshakeBytes(data)
  if (bytes === null || (bytes.length > 0 && bytes[0] !== CLIENT_HELLO)) return MALFORMED
  if (bytes.length < HEAD_BYTES) return PARTIAL
  const size = bytes.readUIntBE(1, 3)
  if (size > MAX_HELLO_BYTES) return MALFORMED
  if (bytes.length < HEAD_BYTES + size) return PARTIAL
  try {
    return readBody(bytes.subarray(HEAD_BYTES, HEAD_BYTES + size))
  } catch {
    return MALFORMED
  }
}
