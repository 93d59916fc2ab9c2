import { describe, expect, it } from 'vitest'
import { parseHeaders } from '../../../../../src/dashboard/pages/traces/headers.ts'

describe('parseHeaders', () => {
  it('reads one header a line, colons in values included', () => {
    expect(parseHeaders('authorization: Basic a:b\r\n\n x-tenant : one ')).toEqual({
      ok: true,
      value: { authorization: 'Basic a:b', 'x-tenant': 'one' },
    })
  })

  it.each([['no colon'], ['name:'], [': value'], ['bad name: x']])('rejects %j', (line) => {
    expect(parseHeaders(`a: b\n${line}`)).toEqual({
      ok: false,
      problem: 'Line 2 is not of the form name: value.',
    })
  })
})
