/** What comes out of a container is hostile: archives that front has to survive and refuse. */
import { createHash } from 'node:crypto'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { encodeFrame, MAX_FRAME_BYTES, readFrames } from '../../../sandbox-runner/src/frames.ts'
import { toManifest } from '../../../sandbox-runner/src/front/manifests.ts'
import { globalMtimeHeader, sentinelAt } from '../../../sandbox-runner/src/front/pack-workspace.ts'
import {
  parseContainerPath,
  unpackChanges,
} from '../../../sandbox-runner/src/front/unpack-changes.ts'
import { tarHeader as header } from '../../support/tar-header.ts'

async function* pieces(data: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

const store = async (source: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: hash.digest('hex'), size }
}

interface Entry {
  readonly name: string
  readonly type?:
    | 'file'
    | 'link'
    | 'symlink'
    | 'character-device'
    | 'block-device'
    | 'directory'
    | 'fifo'
  readonly linkname?: string
  readonly mode?: number
  readonly content?: string
}

async function archive(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack()
  for (const { content = '', ...header } of entries) tar.entry(header, content)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar as unknown as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const unpack = async (entries: readonly Entry[]) =>
  unpackChanges(pieces(await archive(entries)), store)

describe('the archive of changes', () => {
  it('yields plain files with normal modes', async () => {
    const found = await unpack([
      { name: './a', content: 'x', mode: 0o4755 },
      { name: `./${'d/'.repeat(100)}é`, content: 'y', mode: 0o044 },
    ])
    expect(found.map(({ path, size, mode }) => [path, size, mode])).toEqual([
      ['a', 1, 0o755],
      [`${'d/'.repeat(100)}é`, 1, 0o644],
    ])
    expect(await unpack([])).toEqual([])
    expect(await unpackChanges(pieces(Buffer.alloc(0)), store)).toEqual([])
  })

  it.each([
    ['a path that climbs', { name: './../x' }],
    ['a path that climbs inside', { name: './a/../../x' }],
    ['an absolute path', { name: '/etc/passwd' }],
    ['a symbolic link', { name: './x', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: './x', type: 'link', linkname: 'y' }],
    ['a device', { name: './x', type: 'character-device' }],
    ['a block device', { name: './x', type: 'block-device' }],
    ['a pipe', { name: './x', type: 'fifo' }],
    ['a directory', { name: './x/', type: 'directory' }],
    ['a name of 4,096 bytes', { name: `./${'a'.repeat(4_096)}` }],
    ['a backslash', { name: './a\\b' }],
    ['a newline', { name: './a\nb' }],
  ] as const)('is refused whole with %s', async (_what, entry) => {
    await expect(unpack([{ name: './fine', content: 'x' }, entry])).rejects.toMatchObject({
      code: 'CHANGES_REJECTED',
    })
  })

  it('is refused when it names a file twice', async () => {
    await expect(unpack([{ name: './a' }, { name: 'a' }])).rejects.toMatchObject({
      code: 'CHANGES_REJECTED',
    })
  })

  it('is refused for its size before the size has come', async () => {
    const huge = header('./sparse', '77777777777\0', '0')
    await expect(unpackChanges(pieces(huge), store)).rejects.toMatchObject({
      code: 'WORKSPACE_TOO_LARGE',
    })
    const binary = header('./big', '\x80\0\0\0\0\0\x02\0\0\0\0\0', '0')
    await expect(unpackChanges(pieces(binary), store)).rejects.toMatchObject({
      code: 'WORKSPACE_TOO_LARGE',
    })
  })

  it.each([
    ['a negative size', header('./a', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0', '0')],
    ['a GNU sparse file', header('./a', '00000000000\0', 'S')],
    ['a long name without end', header('././@LongLink', '77777777777\0', 'L')],
    ['a pax header without end', header('./PaxHeaders/x', '77777777777\0', 'x')],
    ['noise', Buffer.from('x'.repeat(2_048))],
    ['half an entry', header('./a', '00000001000\0', '0')],
  ])('is refused with %s', async (_what, data) => {
    await expect(unpackChanges(pieces(data), store)).rejects.toMatchObject({
      code: 'CHANGES_REJECTED',
    })
  })

  it('is refused past 10,000 files without having read on', async () => {
    let sent = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; sent < 1_000_000; sent += 1) yield header(`./f${sent}`, '00000000000\0', '0')
    }
    await expect(unpackChanges(endless(), store)).rejects.toMatchObject({
      code: 'WORKSPACE_TOO_LARGE',
    })
    expect(sent).toBeLessThan(12_000)
  })
})

describe('names out of a container', () => {
  it('lose the leading ./ and nothing else', () => {
    expect(parseContainerPath('./a/b')).toBe('a/b')
    expect(parseContainerPath('a')).toBe('a')
    for (const name of ['././a', '.', './', './..', '', './a/']) {
      expect(() => parseContainerPath(name)).toThrow('cannot hold')
    }
  })
})

describe('manifests', () => {
  const entry = (path: string, size = 1) => ({ path, size, sha256: 'a'.repeat(64), mode: 0o644 })
  it('allow neighbours and reject what could be unpacked in two ways', () => {
    expect(toManifest([entry('a/b'), entry('a/c'), entry('ab')]).size).toBe(3)
    expect(() => toManifest([entry('a'), entry('a')])).toThrow('repeats')
    expect(() => toManifest([entry('a/b/c'), entry('a')])).toThrow('below a file')
  })
  it('reject more than a sandbox holds', () => {
    const files = Array.from({ length: 26 }, (_, i) => entry(`f${i}`, 10 * 1024 * 1024))
    expect(() => toManifest(files)).toThrow('too large')
    expect(toManifest(files.slice(1)).size).toBe(25)
  })
})

describe('the sentinel', () => {
  it('is long past, in the order of jobs, and differs from one to the next', () => {
    const now = Date.parse('2026-11-26T12:00:00Z')
    const sentinels = Array.from({ length: 100 }, (_, i) => sentinelAt(now + i * 1_000))
    expect(new Set(sentinels.map((text) => text.split('.')[1])).size).toBeGreaterThan(90)
    expect(sentinels.toSorted()).toEqual(sentinels)
    for (const text of sentinels) expect(text).toMatch(/^1\d{9}\.\d{9}$/)
    expect(new Date(Number(sentinels[0]) * 1_000).getUTCFullYear()).toBe(2006)
  })
  it('stands in a well-formed pax header', () => {
    const blocks = globalMtimeHeader('1000000000.000000001')
    expect(blocks.length).toBe(1_024)
    const record = blocks.subarray(512).toString().replace(/\0+$/, '')
    expect(Number.parseInt(record, 10)).toBe(record.length)
  })
})

describe('frames', () => {
  const collect = async (data: Uint8Array, size: number) => {
    const frames: string[] = []
    for await (const { type, payload } of readFrames(pieces(data, size))) {
      frames.push(`${type}:${payload.toString()}`)
    }
    return frames
  }
  const data = Buffer.concat([
    encodeFrame('a', 'one'),
    encodeFrame('b'),
    encodeFrame('c', 'x'.repeat(50)),
  ])

  it.each([1, 2, 5, 7, 1_000])('survive being cut every %d bytes', async (size) => {
    expect(await collect(data, size)).toEqual(['a:one', 'b:', `c:${'x'.repeat(50)}`])
  })
  it('end the stream when one is too long or cut off', async () => {
    const long = Buffer.from(encodeFrame('a', ''))
    long.writeUInt32BE(MAX_FRAME_BYTES + 1, 1)
    await expect(collect(long, 100)).rejects.toThrow('too long')
    await expect(collect(data.subarray(0, data.length - 1), 100)).rejects.toThrow('inside a frame')
  })
})
