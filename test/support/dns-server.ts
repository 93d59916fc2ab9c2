/**
 * A name server on loopback whose answers a test decides, question by question: rebinding, mixtures,
 * lies. Speaks as much of RFC 1035 as a stub resolver asks for.
 */
import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'

const TYPE_A = 1
const TYPE_AAAA = 28
const NAME_ERROR = 3

export interface Question {
  readonly name: string
  readonly type: 'A' | 'AAAA'
  /** How often this name was asked for in this type before. */
  readonly before: number
}

/** The addresses of one question; null says that there is no such name. */
export type Zone = (question: Question) => readonly string[] | null

export interface DnsServer {
  /** `address:port`, as a resolver is told it. */
  readonly address: string
  readonly asked: readonly Question[]
  close(): Promise<void>
}

function readName(packet: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** Of an address in full spelling: eight groups for IPv6. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [left = '', right] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const head = groups(left)
  const tail = right === undefined ? [] : groups(right)
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const bytes = [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
  return Buffer.from(bytes)
}

function reply(packet: Buffer, end: number, type: number, addresses: readonly string[] | null) {
  const header = Buffer.from(packet.subarray(0, 12))
  // An answer, by a server that looks further for its clients; nothing is appended but answers.
  header.writeUInt16BE(0x8180 | (addresses === null ? NAME_ERROR : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses?.length ?? 0, 6)
  header.writeUInt32BE(0, 8)
  const records = (addresses ?? []).map((address) => {
    const data = addressBytes(address)
    const record = Buffer.alloc(12)
    // The name is the question's, at offset 12; class IN, kept for no time.
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(type, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(0, 6)
    record.writeUInt16BE(data.length, 10)
    return Buffer.concat([record, data])
  })
  return Buffer.concat([header, packet.subarray(12, end + 4), ...records])
}

export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const asked: Question[] = []
  const socket = createSocket('udp4')
  socket.on('message', (packet, from) => {
    const { name, end } = readName(packet)
    const number = packet.readUInt16BE(end)
    if (number !== TYPE_A && number !== TYPE_AAAA) return
    const type = number === TYPE_A ? 'A' : 'AAAA'
    const before = asked.filter((one) => one.name === name && one.type === type).length
    const question: Question = { name, type, before }
    asked.push(question)
    socket.send(reply(packet, end, number, zone(question)), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
