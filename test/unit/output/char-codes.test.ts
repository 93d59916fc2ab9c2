import { describe, expect, it } from 'vitest'
import { charCodes } from '../../../src/output/char-codes.ts'

const expected = (text: string): number[] =>
  Array.from({ length: text.length }, (_, i) => Math.min(text.charCodeAt(i), 128))

describe('charCodes', () => {
  it('gives each character of ASCII at its own index', () => {
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i))
    expect([...charCodes(ascii)]).toEqual(expected(ascii))
    expect([...charCodes('')]).toEqual([])
  })

  it('keeps the indices behind characters of two, three and four bytes and half surrogates', () => {
    const pieces = ['a', 'é', '“', '😀', '\ud83d', '\udc00', '\0', 'Ａ', '\x7f', '\x80', 'key=']
    let state = 7
    for (let round = 0; round < 500; round += 1) {
      let text = ''
      for (let i = 0; i < round % 60; i += 1) {
        state = (state * 48_271) % 2_147_483_647
        text += pieces[state % pieces.length] ?? ''
      }
      expect([...charCodes(text)]).toEqual(expected(text))
    }
  })
})
