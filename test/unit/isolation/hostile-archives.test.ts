/**
 * Archives that want to write elsewhere, or to cost more than they are: refused or made harmless,
 * with memory that does not grow with what they claim. `archive.test.ts` has the everyday ones.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { unpackChanges } from '../../../sandbox-runner/src/front/unpack-changes.ts'
import { tarHeader as header } from '../../support/tar-header.ts'

const BLOCK = 512
const MB = 1024 * 1024
/** What a run may hold at its highest: far below what the archives claim. */
const MAX_GROWTH_BYTES = 64 * MB
const LOOK_EVERY_BYTES = 32 * MB

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What is held, and not what nobody has swept away yet: that depends on how busy the machine is. */
function heldBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const padded = (data: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])

const withBody = (type: string, body: Buffer): Buffer =>
  Buffer.concat([header('meta', body.length, type), padded(body)])

function paxRecord(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`
  let length = Buffer.byteLength(rest)
  while (`${length}`.length + Buffer.byteLength(rest) !== length) {
    length = `${length}`.length + Buffer.byteLength(rest)
  }
  return `${length}${rest}`
}

const pax = (values: Readonly<Record<string, string>>, type = 'x'): Buffer =>
  withBody(
    type,
    Buffer.from(
      Object.entries(values)
        .map(([name, value]) => paxRecord(name, value))
        .join(''),
    ),
  )

const longName = (name: string, type = 'L'): Buffer => withBody(type, Buffer.from(`${name}\0`))
const END = Buffer.alloc(2 * BLOCK)

interface Outcome {
  readonly code: string | null
  readonly paths: readonly string[]
  readonly sentBytes: number
  readonly growthBytes: number
  /** Contents that reached the blob store. */
  readonly storedBytes: number
}

async function unpack(blocks: Iterable<Buffer>): Promise<Outcome> {
  const before = heldBytes()
  let highest = before
  let sentBytes = 0
  let storedBytes = 0
  async function* send(): AsyncGenerator<Uint8Array> {
    let lookAt = LOOK_EVERY_BYTES
    for (const block of blocks) {
      sentBytes += block.length
      if (sentBytes >= lookAt) {
        lookAt += LOOK_EVERY_BYTES
        highest = Math.max(highest, heldBytes())
      }
      yield block
    }
  }
  const store = async (source: AsyncIterable<Uint8Array>) => {
    let size = 0
    for await (const chunk of source) size += chunk.length
    storedBytes += size
    return { sha256: '0'.repeat(64), size }
  }
  const result = await unpackChanges(send(), store).then(
    (found) => ({ code: null, paths: found.map(({ path }) => path) }),
    (error: unknown) => ({
      code:
        typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '?',
      paths: [],
    }),
  )
  highest = Math.max(highest, heldBytes())
  return { ...result, sentBytes, storedBytes, growthBytes: highest - before }
}

const file = (name: string, content = 'x'): Buffer =>
  Buffer.concat([header(name, content.length), padded(Buffer.from(content))])

describe('an archive that points elsewhere', () => {
  it.each<[string, readonly Buffer[]]>([
    ['by a pax path that climbs', [pax({ path: '../../etc/x' }), file('./fine')]],
    ['by an absolute pax path', [pax({ path: '/etc/x' }), file('./fine')]],
    ['by a long name that climbs', [longName('./a/../../x'), file('./fine')]],
    ['by a climbing name behind a ./', [file('./..')]],
    ['by a NUL in a pax path', [pax({ path: 'a\0/../../x' }), file('./fine')]],
    [
      'by a chain of links',
      [header('./a', 0, '2', 'b'), header('./b', 0, '2', '/'), file('./a/x')],
    ],
    ['by a link and a file of its name', [file('./a'), header('./a', 0, '2', '/etc/passwd')]],
    ['by a hard link to a file before it', [file('./a'), header('./b', 0, '1', 'a')]],
    ['by a long link name', [longName('/etc/passwd', 'K'), header('./a', 0, '2', 'x')]],
    ['by a device', [header('./null', 0, '3')]],
    ['by a name of 4,096 bytes as pax', [pax({ path: 'n'.repeat(4_096) }), file('./fine')]],
    ['by a path of 4,096 bytes', [longName('./dir/'.repeat(682)), file('./fine')]],
    ['by a volume header', [header('volume', 0, 'V'), file('./a')]],
    ['by a multi-volume continuation', [header('./a', 0, 'M')]],
    ['by a folder that is called a file', [header('./a/', 0)]],
    ['with a file below a file', [file('./a'), file('./a/b')]],
    ['with a file above a file', [file('./a/b/c'), file('./a')]],
    ['with one file under two spellings', [file('./a'), file('a')]],
    ['with one file under a short and a pax name', [file('./a'), pax({ path: 'a' }), file('./b')]],
  ])('is refused whole: %s', async (_what, blocks) => {
    const outcome = await unpack([file('./before'), ...blocks, END])
    expect(outcome).toMatchObject({ code: 'CHANGES_REJECTED', paths: [] })
  })

  it('is taken where its extensions only name what is plain', async () => {
    const blocks = [
      pax({ path: './dir/ü', comment: 'x' }),
      file('x'),
      longName('./l'),
      file('y'),
      END,
    ]
    expect(await unpack(blocks)).toMatchObject({ code: null, paths: ['dir/ü', 'l'] })
  })
})

describe('an archive that claims or holds too much', () => {
  function* many(count: number, block: (i: number) => Buffer): Generator<Buffer> {
    for (let i = 0; i < count; i += 1) yield block(i)
  }
  const FULL = Buffer.alloc(MB)

  it.each<[string, string, () => Iterable<Buffer>]>([
    [
      '1,000,000 entries',
      'WORKSPACE_TOO_LARGE',
      () => many(1_000_000, (i) => header(`./f${i}`, 0)),
    ],
    [
      '1,000,000 entries of one name',
      'CHANGES_REJECTED',
      () => many(1_000_000, () => header('./f', 0)),
    ],
    [
      '1,000,000 folders',
      'CHANGES_REJECTED',
      () => many(1_000_000, (i) => header(`./d${i}/`, 0, '5')),
    ],
    [
      'names of 4,000 bytes, each for no file',
      'WORKSPACE_TOO_LARGE',
      () => many(1_000_000, (i) => longName(`./${'n'.repeat(4_000)}${i}`)),
    ],
    [
      'pax headers of 3 MB, each for no file',
      'WORKSPACE_TOO_LARGE',
      () => many(2_000, (i) => pax({ comment: `${i}`.padEnd(3 * MB, 'c') })),
    ],
    [
      'global pax headers of 3 MB',
      'WORKSPACE_TOO_LARGE',
      () => many(2_000, (i) => pax({ [`key${i}`]: 'c'.repeat(3 * MB) }, 'g')),
    ],
    [
      'a file of 10 GB by a pax size',
      'WORKSPACE_TOO_LARGE',
      () => [pax({ size: String(10 * 1024 * MB) }), header('./sparse', 0)],
    ],
    ['a GNU sparse file of 10 GB', 'CHANGES_REJECTED', () => [header('./sparse', 0, 'S')]],
    [
      '10 GB in files of 10 MB',
      'WORKSPACE_TOO_LARGE',
      () => many(11_264, (i) => (i % 11 === 0 ? header(`./f${i}`, 10 * MB) : FULL)),
    ],
  ])('is refused, and read no further: %s', async (_what, code, blocks) => {
    const outcome = await unpack(blocks())
    expect(outcome).toMatchObject({ code, paths: [] })
    expect(outcome.sentBytes).toBeLessThan(310 * MB)
    expect(outcome.storedBytes).toBeLessThanOrEqual(256 * MB)
    expect(outcome.growthBytes).toBeLessThan(MAX_GROWTH_BYTES)
  })

  it('is small where a sparse file says only what it will be', async () => {
    const claims = { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': String(10 * 1024 * MB) }
    const outcome = await unpack([pax(claims), file('./sparse', 'map'), END])
    expect(outcome).toMatchObject({ code: null, paths: ['sparse'], storedBytes: 3 })
  })
})
