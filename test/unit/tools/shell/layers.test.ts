/** Every layer, wrapper and spelling that bash sees through: a denied command stays denied in each. */
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../../../src/tools/shell/judge.ts'
import { WRAPPER_ALIASES, WRAPPERS, type Wrapper } from '../../../../src/tools/shell/wrappers.ts'
import { DENIED } from '../../../support/shell-denied.ts'
import { GRAMMAR, type Layer, QUOTING, WRAPPING } from '../../../support/shell-layers.ts'
import { EXPANDED, QUOTED, single, WHOLE } from '../../../support/shell-words.ts'

const denyGroups = effectiveDenyGroups([])
const isDenied = (command: string) => judgeCommand(command, { denyGroups }).decision === 'deny'
const allowedOf = (commands: readonly string[]) => commands.filter((each) => !isDenied(each))

const TEXTS = DENIED.map((words) => words.join(' '))

const numbered = (layers: readonly Layer[]) =>
  layers.map((layer) => [layer('…').slice(0, 70), layer] as const)

describe('a denied command', () => {
  it.each(numbered(GRAMMAR))('stays denied within %j', (_, layer) => {
    expect(allowedOf(TEXTS.map(layer))).toEqual([])
  })

  it.each(numbered(QUOTING))('stays denied as the text in %j', (_, layer) => {
    expect(allowedOf(TEXTS.map(layer))).toEqual([])
  })

  it.each(WRAPPING)('stays denied behind %s', (words) => {
    const end = words.includes('-exec') ? ' \\;' : ''
    expect(allowedOf(TEXTS.map((text) => `${words} ${text}${end}`))).toEqual([])
  })

  it.each(WHOLE.map((whole) => [whole(['rm', '-rf', 'x']), whole] as const))(
    'stays denied when it is made as in %s',
    (_, whole) => {
      expect(allowedOf(DENIED.map((words) => whole(words)))).toEqual([])
    },
  )

  it.each(QUOTED.map((spelling) => [spelling('word', 'v').text, spelling] as const))(
    'stays denied with words like %j',
    (_, spelling) => {
      const texts = DENIED.flatMap((words) =>
        words.map((_word, at) =>
          words.map((word, i) => (i === at ? spelling(word, 'v').text : single(word))).join(' '),
        ),
      )
      expect(allowedOf(texts)).toEqual([])
    },
  )

  it.each(
    EXPANDED.map((spelling) => {
      const { before, text } = spelling('-rf', 'v')
      return [`${before}rm ${text} x`, spelling('rm', 'v')] as const
    }),
  )('stays denied when its option, or its name, is made as in %j', (command, { before, text }) => {
    expect(isDenied(command)).toBe(true)
    expect(isDenied(`${before}${text} -rf x`)).toBe(true)
  })
})

/** Each way to give one of the wrapper's own options. */
function optionsOf({ flags = '', values = '', optional = '', long = [], without = [] }: Wrapper) {
  const isTaken = (name: string): boolean => !without.includes(name)
  const named = long.filter((name) => isTaken(name.replace(/[=?]$/, '')))
  return [
    ...[...flags].filter(isTaken).map((letter) => `-${letter}`),
    ...[...values].filter(isTaken).flatMap((letter) => [`-${letter} 1`, `-${letter}1`]),
    ...[...optional].filter(isTaken).flatMap((letter) => [`-${letter}`, `-${letter}1`]),
    ...named.map((name) => (name.endsWith('=') ? `--${name}1` : `--${name.replace('?', '')}`)),
    ...named.filter((name) => name.endsWith('=')).map((name) => `--${name.slice(0, -1)} 1`),
    '',
    '--',
    '-\u00fc',
    '--no-such-option',
    '"$unknown"',
  ]
}

describe('a wrapper', () => {
  const all = [
    ...WRAPPERS,
    ...[...WRAPPER_ALIASES].map(([alias, name]) => [alias, WRAPPERS.get(name) ?? {}] as const),
  ]
  it.each(all)('%s hides nothing behind any of its options', (name, wrapper) => {
    const operands = '1 '.repeat(wrapper.operands ?? 0)
    const texts = optionsOf(wrapper).map((option) => `${name} ${option} ${operands}rm -rf x`)
    expect(allowedOf(texts)).toEqual([])
  })

  it('hides nothing behind any number of others', () => {
    const names = [...WRAPPERS].filter(([, { operands }]) => operands === undefined)
    const chain = names
      .map(([name]) => name)
      .filter((name) => !/^(?:sudo|doas|pkexec|runuser|unshare|nsenter)$/.test(name))
    for (let at = 0; at + 4 < chain.length; at++) {
      expect(isDenied(`${chain.slice(at, at + 5).join(' ')} rm -rf x`)).toBe(true)
      expect(isDenied(`${chain.slice(at, at + 5).join(' ')} rm x`)).toBe(false)
    }
  })
})
