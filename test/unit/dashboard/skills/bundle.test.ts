import { describe, expect, it } from 'vitest'
import {
  nameIn,
  type PickedFile,
  readBundle,
} from '../../../../src/dashboard/pages/skills/bundle.ts'

const file = (path: string, content: string | Uint8Array<ArrayBuffer>): PickedFile => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return {
    name: path.split('/').at(-1) ?? '',
    webkitRelativePath: path,
    size: bytes.length,
    arrayBuffer: async () => bytes.buffer.slice(0),
  }
}
const MAIN = file('review/SKILL.md', '---\nname: review\n---\nLook.')

describe('a folder', () => {
  it('is a skill with its files by their paths below it', async () => {
    const bundle = await readBundle([file('review/scripts/check.py', 'print(1)'), MAIN])
    expect(bundle).toEqual({
      skill_md: '---\nname: review\n---\nLook.',
      files: [{ path: 'scripts/check.py', content: 'print(1)' }],
    })
    expect(nameIn(bundle.skill_md)).toBe('review')
  })

  it('keeps hidden files at home', async () => {
    const hidden = [file('review/.env', 'KEY=1'), file('review/.git/config', 'x')]
    expect((await readBundle([MAIN, ...hidden])).files).toEqual([])
  })

  it('keeps a mark of the byte order, for the gateway to refuse', async () => {
    const marked = file('review/SKILL.md', '\ufeff---')
    expect((await readBundle([marked])).skill_md).toBe('\ufeff---')
  })

  it.each([
    [
      'without a SKILL.md',
      [file('review/a.md', 'x'), file('review/deep/SKILL.md', 'x')],
      'no SKILL.md',
    ],
    [
      'with what is no text',
      [MAIN, file('review/a.md', new Uint8Array([0xff, 0xfe]))],
      'a.md is no text',
    ],
    [
      'with too many files',
      Array.from({ length: 101 }, (_, at) => file(`r/${at}.md`, '')),
      'more than',
    ],
    ['that is too large', [MAIN, { ...file('review/b.md', ''), size: 2_000_000 }], 'larger'],
  ] as const)('%s is none, and says why', async (_, picked, why) => {
    await expect(readBundle(picked)).rejects.toThrow(why)
  })
})
