/** What a TLS hello says of the host that is meant, of hellos that Node makes and of broken ones. */
import { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { MAX_HELLO_BYTES, readClientHello } from '../../../sandbox-runner/src/front/client-hello.ts'

/** The first flight of a real client. */
function helloOf(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => {},
      write: (chunk: Buffer) => {
        resolve(chunk)
        wire.destroy()
      },
    })
    const socket = connect({ socket: wire, servername, rejectUnauthorized: false })
    socket.on('error', () => {})
  })
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const vector = (content: Buffer): Buffer => Buffer.concat([u16(content.length), content])
const record = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([22, 3, 1]), vector(content)])
const extension = (type: number, content: Buffer): Buffer =>
  Buffer.concat([u16(type), vector(content)])
const nameEntry = (name: string, type = 0): Buffer =>
  Buffer.concat([Buffer.from([type]), vector(Buffer.from(name))])
const serverName = (...entries: Buffer[]): Buffer => extension(0, vector(Buffer.concat(entries)))

function message(...extensions: Buffer[]): Buffer {
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32),
    Buffer.from([0]),
    vector(Buffer.from([0x13, 1])),
    Buffer.from([1, 0]),
    vector(Buffer.concat(extensions)),
  ])
  return Buffer.concat([Buffer.from([1, 0]), u16(body.length), body])
}

describe('a TLS hello', () => {
  it('names the host that a real client means', async () => {
    const data = await helloOf('api.example.org')
    expect(readClientHello(data)).toEqual({
      kind: 'hello',
      serverName: 'api.example.org',
      hidesName: false,
    })
  })

  it('is partial at every shorter length, and needs nothing behind it', async () => {
    const data = await helloOf('api.example.org')
    for (let length = 0; length < data.length; length++) {
      expect(readClientHello(data.subarray(0, length)).kind).toBe('partial')
    }
    expect(readClientHello(Buffer.concat([data, record(Buffer.alloc(9))])).kind).toBe('hello')
    // What is sent before the server answers (0-RTT) may come with it.
    const early = Buffer.from([20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 2, 0, 0])
    expect(readClientHello(Buffer.concat([data, early])).kind).toBe('hello')
  })

  it('is read over several records', () => {
    const whole = message(serverName(nameEntry('a.example.org')))
    const data = [whole.subarray(0, 3), whole.subarray(3, 40), whole.subarray(40)].map(record)
    expect(readClientHello(Buffer.concat(data))).toMatchObject({ serverName: 'a.example.org' })
  })

  it('may name nobody', () => {
    expect(readClientHello(record(message()))).toMatchObject({ kind: 'hello', serverName: null })
  })

  it('shows that it hides a second name', () => {
    const data = record(message(serverName(nameEntry('a.b')), extension(0xfe0d, Buffer.alloc(8))))
    expect(readClientHello(data)).toMatchObject({ serverName: 'a.b', hidesName: true })
  })

  it.each([
    ['two extensions with a name', message(serverName(nameEntry('a')), serverName(nameEntry('b')))],
    ['two names in one', message(serverName(nameEntry('a'), nameEntry('b')))],
    ['a name of another type', message(serverName(nameEntry('a', 1)))],
    ['an extension longer than the rest', message(Buffer.concat([u16(0), u16(400)]))],
    ['another message', Buffer.concat([Buffer.from([2, 0, 0, 4]), Buffer.alloc(4)])],
    ['an endless message', Buffer.from([1, 1, 0, 0])],
  ])('is malformed with %s', (_what, content) => {
    expect(readClientHello(record(content)).kind).toBe('malformed')
  })

  it('is none in other protocols', () => {
    for (const text of [
      'GET / HTTP/1.1\r\n',
      'SSH-2.0-x\r\n',
      '\x16\x02\x00\x00\x01',
      '\x80.\x01',
    ]) {
      expect(readClientHello(Buffer.from(text, 'latin1')).kind).toBe('malformed')
    }
    expect(readClientHello(record(Buffer.alloc(0))).kind).toBe('malformed')
    expect(MAX_HELLO_BYTES).toBeLessThan(0x010000)
  })
})
