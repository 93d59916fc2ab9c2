import { describe, expect, it } from 'vitest'
import { isOtherOrigin } from '../../../../src/dashboard/ui/origin.ts'

const STORED = 'https://mcp.example/mcp'

describe('another origin', () => {
  it.each([
    'https://other.example/mcp',
    'http://mcp.example/mcp',
    'https://mcp.example:8443/',
    'mcp',
  ])('is that of %s', (typed) => expect(isOtherOrigin(STORED, typed)).toBe(true))

  it('is not that of another path', () => {
    expect(isOtherOrigin(STORED, ' https://mcp.example/v2 ')).toBe(false)
  })
})
