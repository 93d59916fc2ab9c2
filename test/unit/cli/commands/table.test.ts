import { describe, expect, it } from 'vitest'
import { isOperation, operationsOf } from '../../../../src/cli/commands/command.ts'
import { commandIn } from '../../../../src/cli/dispatch.ts'
import { parseFlags } from '../../../../src/cli/flags.ts'
import { isOffered } from '../../../../src/cli/help.ts'
import { flagsOf } from '../../../../src/cli/operation-params.ts'
import { operationShapes, shapeOf } from '../../../../src/cli/operations.ts'
import { NOUNS } from '../command-io.ts'

const SHAPES = operationShapes()
const COMMANDS = NOUNS.flatMap((noun) =>
  noun.commands.map((command) => ({ words: `${noun.name} ${command.verb}`.trim(), command })),
)
const OFFERED = COMMANDS.flatMap(({ words, command }) => {
  const shape = isOperation(command) ? shapeOf(command.operation) : undefined
  return isOperation(command) && shape !== undefined ? [{ words, command, shape }] : []
})

/** Nothing that a person does by hand; `edgeclaw call` reaches them all the same. */
const WITHOUT_WORDS = [
  'channels.instances.list',
  'chat.abort',
  'chat.inject',
  'send',
  'chat.reset',
  'health',
  'login.logout',
  'sessions.resume',
  'teams.tasks.active-by-session',
  'ws_tickets.create',
]

/** The lines of a noun's notes that show how it is used, split as a shell would. */
const EXAMPLES = NOUNS.flatMap(({ notes = '' }) =>
  notes
    .split('\n')
    .map((line) => /^ +edgeclaw (.*?)(?: {2,}.*| < .*| > .*)?$/.exec(line)?.[1])
    .flatMap((line) => (line === undefined ? [] : [line])),
)
const split = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')

describe('the table of commands', () => {
  it.each(EXAMPLES)('shows what can be typed: %s', (line) => {
    const [name, ...args] = split(line)
    const noun = NOUNS.find((each) => each.name === name)
    const found = noun && commandIn(noun, args)
    expect(found?.command).toBeDefined()
    if (!found || !isOperation(found.command)) return
    const { command, rest } = found
    const shape = shapeOf(command.operation)
    if (shape === undefined) throw new Error(`no operation ${command.operation}`)
    const { values, positionals } = parseFlags(rest, flagsOf(command, shape))
    // Whose gateway it is stands in no example: there an address would be taken for it.
    expect([...values.keys()].filter((flag) => ['url', 'state'].includes(flag))).toEqual([])
    const { positional = [], optional = [] } = command
    expect(positionals.length).toBeLessThanOrEqual(positional.length)
    expect(positionals.length).toBeGreaterThanOrEqual(positional.length - optional.length)
  })

  it('names everything once', () => {
    const all = COMMANDS.map(({ words }) => words)
    expect(all.filter((words, i) => all.indexOf(words) !== i)).toEqual([])
    expect(OFFERED.length).toBeGreaterThan(40)
    expect(EXAMPLES.length).toBeGreaterThan(12)
  })

  it('has words for every operation, or says that it has none', () => {
    const spoken = COMMANDS.flatMap(({ command }) => operationsOf(command))
    // Asked by functions beside others, which choose among them.
    const within = [
      'status',
      'security.audit',
      'security.audit.suppress',
      'api_keys.rotate',
      'keys.rotate',
    ]
    const silent = Object.keys(SHAPES).filter((name) => ![...spoken, ...within].includes(name))
    expect(silent.filter((name) => !WITHOUT_WORDS.includes(name))).toEqual([])
    expect(WITHOUT_WORDS.filter((name) => spoken.includes(name))).toEqual([])
  })

  it.each(OFFERED)('speaks of parameters that there are: $words', ({ command, shape }) => {
    const { positional = [], optional = [], secrets = [], hidden = [], fixed = {} } = command
    const texts = [command.done, command.confirm].join(' ')
    const filled = [...texts.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))
    const spoken = [
      ...positional,
      ...optional,
      ...secrets,
      ...hidden,
      ...Object.keys(fixed),
      ...filled,
    ]
    const known = shape.params.map(({ name }) => name)
    expect(spoken.filter((name) => !known.includes(name))).toEqual([])
    expect(filled.filter((name) => secrets.includes(name))).toEqual([])
  })

  it.each(OFFERED)('takes no secret as an argument: $words', ({ command, shape }) => {
    const looksSecret = /(?:^|_)(?:api_key|token|secret|password|env)$/i
    const open = shape.params
      .map(({ name }) => name)
      .filter((name) => looksSecret.test(name) && !command.secrets?.includes(name))
    expect(open).toEqual([])
    const flags = flagsOf(command, shape).filter(({ name }) =>
      looksSecret.test(name.replaceAll('-', '_')),
    )
    expect(flags).toEqual([])
  })

  it.each(OFFERED)('gives no two flags the same name: $words', ({ command, shape }) => {
    const names = flagsOf(command, shape).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('asks before everything that is taken away', () => {
    const taking = COMMANDS.filter(
      ({ command }) =>
        isOperation(command) &&
        /\.(?:delete|revoke|remove|suspend|reset|restore)$/.test(command.operation),
    )
    expect(taking.length).toBeGreaterThan(10)
    const silent = taking.filter(
      ({ command }) => isOperation(command) && command.confirm === undefined,
    )
    expect(silent.map(({ words }) => words)).toEqual([])
  })

  it('offers nothing whose operation is not there', () => {
    const shapes = { 'api_keys.list': { summary: '', role: 'admin', params: [] } }
    const offered = COMMANDS.filter(({ command }) => isOffered(command, shapes)).map(
      ({ words }) => words,
    )
    expect(offered).toContain('keys list')
    expect(offered).toContain('login')
    expect(offered).not.toContain('keys revoke')
    expect(offered).not.toContain('chat')
  })

  it('loads every function that it names', async () => {
    for (const { words, command } of COMMANDS) {
      if (isOperation(command)) continue
      const { flags, run } = await command.load()
      expect(typeof run, words).toBe('function')
      expect(new Set(flags.map(({ name }) => name)).size, words).toBe(flags.length)
    }
  })
})
