import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalHash, canonicalJson } from '../../../src/crypto/canonical-json.ts'

describe('canonicalJson', () => {
  it('sorts members by code unit, at every depth, and leaves no space', () => {
    const value = { b: [{ z: 1, a: 2 }], a: null, B: 'x', é: true, aa: 1.5 }
    expect(canonicalJson(value)).toBe('{"B":"x","a":null,"aa":1.5,"b":[{"a":2,"z":1}],"é":true}')
  })

  it('is the same for members in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(value))
      }),
    )
  })

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain)
      }),
    )
  })

  it('takes an undefined member for an absent one', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  it.for([[undefined], [Number.NaN], [Number.POSITIVE_INFINITY], [1n], [() => 1], [[undefined]]])(
    'rejects what JSON cannot hold: %s',
    ([value]) => {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )

  it('rejects a nesting without end', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => canonicalJson(circle)).toThrow(RangeError)
  })
})

describe('canonicalHash', () => {
  it('tells different values apart and equal ones not', async () => {
    expect(await canonicalHash({ a: 1, b: 2 })).toBe(await canonicalHash({ b: 2, a: 1 }))
    expect(await canonicalHash({ a: '1' })).not.toBe(await canonicalHash({ a: 1 }))
  })
})
