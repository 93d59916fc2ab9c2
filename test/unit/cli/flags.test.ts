import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeFlags, type FlagSpec, parseFlags } from '../../../src/cli/flags.ts'

const SPECS: readonly FlagSpec[] = [
  { name: 'port', value: 'N', help: 'a port' },
  { name: 'no-runner', help: 'no runner' },
  { name: 'dist', value: 'DIR', help: 'hidden', isInternal: true },
]
const parse = (...args: string[]) => {
  const { values, positionals } = parseFlags(args, SPECS)
  return { values: Object.fromEntries(values), positionals }
}

describe('parseFlags', () => {
  it('reads values after a space and after an equals sign', () => {
    expect(parse('--port', '1')).toEqual({ values: { port: '1' }, positionals: [] })
    expect(parse('--port=1=2')).toEqual({ values: { port: '1=2' }, positionals: [] })
    expect(parse('--port=')).toEqual({ values: { port: '' }, positionals: [] })
  })

  it('reads switches, plain arguments, and everything after -- as plain', () => {
    expect(parse('hello', '--no-runner', '--', '--port')).toEqual({
      values: { 'no-runner': 'true' },
      positionals: ['hello', '--port'],
    })
  })

  it('takes a negative number as a value', () => {
    expect(parse('--port', '-1').values).toEqual({ port: '-1' })
  })

  it('rejects an unknown flag with the nearest known one', () => {
    expect(() => parse('--no-runer')).toThrow('unknown flag --no-runer. Did you mean --no-runner?')
    expect(() => parse('--frobnicate')).toThrow('--help lists the known ones')
  })

  it('never proposes an internal flag, but allows it', () => {
    expect(() => parse('--dits', 'x')).toThrow('--help lists')
    expect(parse('--dist', 'x').values).toEqual({ dist: 'x' })
  })

  it('rejects a missing value, a value for a switch and a repetition', () => {
    expect(() => parse('--port')).toThrow('--port needs a value: --port N')
    expect(() => parse('--port', '--no-runner')).toThrow('--port needs a value')
    expect(() => parse('--no-runner=1')).toThrow('--no-runner takes no value')
    expect(() => parse('--port', '1', '--port=2')).toThrow('--port is given twice')
  })

  it('takes no property of Object for a flag', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(() => parse(`--${name}`)).toThrow('unknown flag')
    }
  })

  it('either parses or refuses with a sentence, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 6 }), (args) => {
        try {
          parseFlags(args, SPECS)
        } catch (error) {
          expect((error as Error).name).toBe('CliFailure')
        }
      }),
    )
  })
})

describe('describeFlags', () => {
  it('aligns the help texts and leaves internal flags out', () => {
    const lines = describeFlags(SPECS).split('\n')
    expect(lines.map((line) => line.trim().split(/\s{2,}/)[0])).toEqual([
      '--port N',
      '--no-runner',
      '--help',
    ])
    expect(new Set([lines[0]?.indexOf('a port'), lines[1]?.indexOf('no runner')]).size).toBe(1)
  })
})
