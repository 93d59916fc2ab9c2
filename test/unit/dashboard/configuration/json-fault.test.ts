import { describe, expect, it } from 'vitest'
import {
  faultOfJson,
  startOfLine,
} from '../../../../src/dashboard/pages/configuration/json-fault.ts'

const GOOD = [
  '{}',
  ' {"a": [1, -0.5e+3, true, false, null, {}], "b\\u00e9\\n": "x"} \n',
  '{"a":{"b":[[]]}}',
]
const BAD = [
  '',
  '[]',
  '"x"',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":[1,]}',
  '{"a":01}',
  '{"a":.5}',
  '{"a":tru}',
  '{a:1}',
  "{'a':1}",
  '{"a":"\n"}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '{"a":"',
  '{"a":1} {}',
  '{"a":1 "b":2}',
]

describe('a text that is to be any JSON', () => {
  it.each([...GOOD, '[]', '"x"', ' 1 ', 'null'])('%j is', (text) => {
    expect(faultOfJson(text, 'any')).toBeNull()
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it.each(['', '[', '"x', '1 2', 'nul'])('%j is none', (text) => {
    expect(faultOfJson(text, 'any')).not.toBeNull()
  })
})

describe('a text that is to be a JSON object', () => {
  it.each(GOOD)('%j is one, as the browser says', (text) => {
    expect(faultOfJson(text)).toBeNull()
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it.each(BAD)('%j is none', (text) => {
    expect(faultOfJson(text)).not.toBeNull()
  })

  it('says line and column of what is wrong', () => {
    expect(faultOfJson('{\n  "a": 1\n  "b": 2\n}')).toEqual({
      line: 3,
      column: 3,
      message: 'A comma or } is missing here.',
    })
    expect(faultOfJson('{\n  "a": 1,\n}')).toMatchObject({ line: 2, column: 9 })
    expect(faultOfJson('{"a": [')?.message).toMatch(/^The text ends too early/)
  })

  it('may name nothing twice: only the last would count', () => {
    expect(faultOfJson('{\n"a": 1,\n"a": 2}')).toMatchObject({ line: 3, column: 1 })
  })

  it('may be hostile in depth and length without harm', () => {
    expect(faultOfJson(`{"a":${'['.repeat(200_000)}`)?.message).toMatch(/too deep/)
    expect(faultOfJson(`{"a":${'1'.repeat(200_000)}}`)).toBeNull()
    expect(faultOfJson(`{"a":${' '.repeat(200_000)}x}`)).not.toBeNull()
  })
})

it('finds where a line begins', () => {
  expect([1, 2, 3].map((line) => startOfLine('ab\n\nc', line))).toEqual([0, 3, 4])
})
