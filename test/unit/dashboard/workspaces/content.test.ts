import { describe, expect, it } from 'vitest'
import { MAX_TEXT_BYTES, shownOf } from '../../../../src/dashboard/pages/workspaces/content.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('what is shown of a file', () => {
  it('is a picture by its first bytes', () => {
    expect(shownOf(bytes('\x89PNG\r\n\x1a\n...'))).toEqual({ kind: 'picture', type: 'image/png' })
    expect(shownOf(bytes('RIFF\0\0\0\0WEBP'))).toEqual({ kind: 'picture', type: 'image/webp' })
    expect(shownOf(bytes('RIFF\0\0\0\0WAVE'))).toEqual({ kind: 'unreadable' })
  })

  it('is the text of whatever could run: a drawing with a script, a page', () => {
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for (const text of [drawing, '<!doctype html><script>1</script>'])
      expect(shownOf(utf8(text))).toEqual({ kind: 'text', text })
  })

  it('is nothing where it is no text', () => {
    expect(shownOf(Uint8Array.of(0, 1, 2))).toEqual({ kind: 'unreadable' })
    expect(shownOf(Uint8Array.of(0xff, 0xfe))).toEqual({ kind: 'unreadable' })
  })

  it('ends at the bound, even in the middle of a character', () => {
    const text = 'x'.repeat(MAX_TEXT_BYTES - 1)
    expect(shownOf(utf8(`${text}é and more`))).toEqual({ kind: 'text', text })
  })

  it('is empty for an empty file', () => {
    expect(shownOf(new Uint8Array())).toEqual({ kind: 'text', text: '' })
  })
})
