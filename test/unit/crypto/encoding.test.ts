import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseBase64,
  parseBase64Url,
  parseHex,
  parseUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from '../../../src/crypto/encoding.ts'

const anyBytes = fc.uint8Array({ maxLength: 100 })

describe('every encoding', () => {
  it('gives back the bytes it was given, and agrees with Node', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const buffer = Buffer.from(bytes)
        expect(toHex(bytes)).toBe(buffer.toString('hex'))
        expect(toBase64(bytes)).toBe(buffer.toString('base64'))
        expect(toBase64Url(bytes)).toBe(buffer.toString('base64url'))
        expect(parseHex(toHex(bytes))).toEqual(new Uint8Array(bytes))
        expect(parseBase64(toBase64(bytes))).toEqual(new Uint8Array(bytes))
        expect(parseBase64Url(toBase64Url(bytes))).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('takes a value of a megabyte', () => {
    const bytes = new Uint8Array(1_000_000).fill(250)
    expect(parseBase64(toBase64(bytes))).toEqual(bytes)
  })
})

describe('parseBase64 and parseBase64Url', () => {
  it.for([
    ['white space', 'QUJD RA=='],
    ['a line break', 'QUJD\n'],
    ['missing padding', 'QUI'],
    ['padding in the middle', 'QQ==QUJD'],
    ['too much padding', 'QUJDRA===='],
    ['stray low bits', 'QUJDRB=='],
    ['the alphabet of URLs', 'QU-_'],
    ['other characters', 'QU*D'],
  ])('reject %s', ([, text = '']) => {
    expect(parseBase64(text)).toBeNull()
  })

  it('reject what is not canonical for URLs', () => {
    for (const text of ['QUJDRB', 'QQ==', 'QU+/', 'A']) expect(parseBase64Url(text)).toBeNull()
  })

  it('allow the canonical text of the same bytes', () => {
    expect(parseBase64('QUJDRA==')).toEqual(utf8('ABCD'))
    expect(parseBase64Url('QUJDRA')).toEqual(utf8('ABCD'))
    expect(parseBase64('')).toEqual(new Uint8Array())
  })
})

describe('parseHex', () => {
  it('rejects half a byte and other digits', () => {
    for (const text of ['0', '0g', ' 00', '0x00']) expect(parseHex(text)).toBeNull()
  })

  it('allows either case', () => {
    expect(parseHex('aAfF')).toEqual(new Uint8Array([0xaa, 0xff]))
  })
})

describe('parseUtf8', () => {
  it('rejects bytes that are no UTF-8', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
      expect(parseUtf8(new Uint8Array(bytes))).toBeNull()
    }
  })

  it('allows every other text, a byte order mark included', () => {
    for (const text of ['', 'Grüße', '🔑', '\ufeffx']) expect(parseUtf8(utf8(text))).toBe(text)
  })
})
