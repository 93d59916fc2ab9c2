import { expect, it } from 'vitest'
import { isSameJson, objectOf, textOf } from '../../../../src/dashboard/client/json.ts'

it('takes a value for an object or a text only where it is one', () => {
  const object = { a: 1 }
  expect(objectOf(object)).toBe(object)
  for (const other of [null, undefined, 'a', 1, [object]]) expect(objectOf(other)).toEqual({})
  expect([textOf('a'), textOf(''), textOf(1), textOf(null)]).toEqual(['a', '', '', ''])
})

it('compares by what is said: the order of members says nothing, that of a list does', () => {
  expect(isSameJson({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true)
  expect(isSameJson([{ a: 1, b: 2 }], [{ b: 2, a: 1 }])).toBe(true)
  expect(isSameJson([1, 2], [2, 1])).toBe(false)
  expect(isSameJson({ a: 1 }, { a: '1' })).toBe(false)
  expect(isSameJson({}, [])).toBe(false)
  expect(isSameJson(undefined, {})).toBe(false)
})
