import { describe, expect, it } from 'vitest'
import { toCsv } from '../../../../src/dashboard/ui/csv.ts'

describe('toCsv', () => {
  it('quotes what would end a cell or a line', () => {
    expect(toCsv([['a,b', 'say "x"', 'two\nlines', 1.5]])).toBe(
      '"a,b","say ""x""","two\nlines",1.5\r\n',
    )
  })

  it.each([['=1+1'], ['+1'], ['-1'], ['@x'], ['\tx']])(
    'keeps the name %j from running as a formula',
    (name) => {
      expect(toCsv([[name]])).toBe(`'${name}\r\n`)
    },
  )

  it('keeps it from running where cells are parted by semicolons or tabs', () => {
    expect(toCsv([['anna;=1+1;', 'a,b;@x', 'a\t-1']])).toBe(`anna;'=1+1;,"a,b;'@x",a\t'-1\r\n`)
    expect(toCsv([['a;b-c', 'two\n=lines']])).toBe(`a;b-c,"two\n'=lines"\r\n`)
  })

  it('leaves negative numbers and plain names alone', () => {
    expect(toCsv([[-1, 'plain']])).toBe('-1,plain\r\n')
  })
})
