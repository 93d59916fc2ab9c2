/** As much of protobuf's wire format as OTLP takes: it writes, and reads nothing. */
const encoder = new TextEncoder()
const VARINT = 0
const FIXED64 = 1
const BYTES = 2

export type Field = readonly Uint8Array[]

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

const tag = (field: number, wire: number): Uint8Array => varint(BigInt(field * 8 + wire))

function fixed64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value, true)
  return bytes
}

export const bytesField = (field: number, bytes: Uint8Array): Field => [
  tag(field, BYTES),
  varint(BigInt(bytes.length)),
  bytes,
]
export const textField = (field: number, text: string): Field =>
  bytesField(field, encoder.encode(text))
/** `int64`, `bool` and enums alike; negative ones in ten bytes, as the format has it. */
export const integerField = (field: number, value: number | bigint): Field => [
  tag(field, VARINT),
  varint(BigInt(value)),
]
export const fixedField = (field: number, value: bigint): Field => [
  tag(field, FIXED64),
  fixed64(value),
]
export function doubleField(field: number, value: number): Field {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return [tag(field, FIXED64), bytes]
}
export const messageField = (field: number, ...fields: readonly Field[]): Field =>
  bytesField(field, joined(fields.flat()))

export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
