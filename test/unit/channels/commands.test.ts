import { describe, expect, it } from 'vitest'
import { type CommandName, decideCommand, parseCommand } from '../../../src/channels/commands.ts'
import { decision, GROUP, message, PERSON, policyOf } from './events.ts'

describe('a text that commands', () => {
  it.each([
    ['/stop', { name: 'stop' }],
    [' /STOPALL \n', { name: 'stopall' }],
    ['/Reset', { name: 'reset' }],
    ['/status', { name: 'status' }],
    ['/help@Claw_Bot', { name: 'help' }],
    ['/reasoning on', { name: 'reasoning', isOn: true }],
    ['/verbose OFF', { name: 'verbose', isOn: false }],
    ['/verbose', { name: 'verbose', isOn: null }],
    [
      '/approve apr_A1 Allow-Once',
      { name: 'approve', approvalId: 'apr_A1', decision: 'allow-once' },
    ],
    ['/approve  x  deny', { name: 'approve', approvalId: 'x', decision: 'deny' }],
  ])('is understood: %j', (text, command) => {
    expect(parseCommand(text, 'claw_bot')).toEqual(command)
  })

  it.each([
    'stop',
    'please /stop',
    '/stop the music',
    '/stop@another_bot',
    '//stop',
    '/ stop',
    '/unknown',
    '/etc/passwd',
    '/stopall2',
    '',
    '> /stop',
    `/approve x deny${' '.repeat(500)}x`,
  ])('is none, but an ordinary message: %j', (text) => {
    expect(parseCommand(text, 'claw_bot')).toBeNull()
  })

  it('names a bot only where the bot has a name', () => {
    expect(parseCommand('/stop@claw', null)).toBeNull()
  })

  it.each([
    '/approve',
    '/approve x',
    '/approve x maybe',
    '/approve x deny y',
    '/approve ../x deny',
    '/verbose loud',
  ])('is told how it is written where it is wrong: %j', (text) => {
    expect(parseCommand(text, null)).toMatchObject({ problem: expect.stringContaining('Write /') })
  })
})

describe('a command', () => {
  const listed = policyOf({ allow_from: ['42'], groups: { '-100': {} } })
  const owner = policyOf({}, { commands: { ownerAllowFrom: ['telegram:42'] } })
  const names: readonly CommandName[] = [
    'stop',
    'stopall',
    'reset',
    'status',
    'help',
    'approve',
    'reasoning',
    'verbose',
  ]

  it('is for those on the lists of the channel, where it has no list of its own', () => {
    expect(decideCommand(listed, message(), 'stop')).toEqual({
      kind: 'allowed',
      reason: 'command_allowlisted',
    })
    const stranger = message({ sender: { ...PERSON, id: '7', username: null } })
    expect(decideCommand(listed, stranger, 'stop')).toEqual({
      kind: 'dropped',
      reason: 'command_not_allowed',
    })
  })

  it('is for those on its own list alone, where it has one', () => {
    const own = { commands: { allowFrom: ['7'] } }
    expect(decideCommand(policyOf({ allow_from: ['42', '*'] }, own), message(), 'stop').kind).toBe(
      'dropped',
    )
    const here = { commands: { allowFrom: ['42'] } }
    expect(decideCommand(policyOf({}, here), message(), 'stop').kind).toBe('allowed')
    const elsewhere = { commands: { allowFrom: ['slack:42'] } }
    expect(decideCommand(policyOf({ allow_from: ['42'] }, elsewhere), message(), 'stop').kind).toBe(
      'dropped',
    )
  })

  it('is nobody’s by pairing, which no list knows of', () => {
    for (const name of names)
      expect(decideCommand(policyOf(), message(), name).kind).toBe('dropped')
  })

  it('is for the members that a group names, in that group', () => {
    const policy = policyOf({ groups: { '-100': { allow_from: ['42'] } } })
    expect(decideCommand(policy, message({ conversation: GROUP }), 'stop').kind).toBe('allowed')
    expect(decideCommand(policy, message(), 'stop').kind).toBe('dropped')
    const open = policyOf({ group_policy: 'open' })
    expect(decideCommand(open, message({ conversation: GROUP }), 'stop').kind).toBe('dropped')
  })

  it.each(['approve', 'stopall'] as const)('of an owner is for owners by name: /%s', (name) => {
    expect(decideCommand(owner, message(), name)).toEqual({
      kind: 'allowed',
      reason: 'command_owner',
    })
    const all = policyOf(
      { allow_from: ['*'] },
      { commands: { allowFrom: ['*', '42'], ownerAllowFrom: ['*'] } },
    )
    expect(decideCommand(all, message(), name)).toEqual({
      kind: 'dropped',
      reason: 'command_not_owner',
    })
  })

  it('of an owner is nobody’s by a bare handle, which anybody may take on another platform', () => {
    const by = (entry: string) =>
      decideCommand(policyOf({}, { commands: { ownerAllowFrom: [entry] } }), message(), 'approve')
        .kind
    for (const entry of ['@anna', 'anna', 'ANNA', 'discord:anna', 'discord:42'])
      expect([entry, by(entry)]).toEqual([entry, 'dropped'])
    for (const entry of ['telegram:@anna', 'telegram:anna', 'Telegram:42', '42'])
      expect([entry, by(entry)]).toEqual([entry, 'allowed'])
  })

  it('of an owner is for nobody where there is no owner, a button like a text', () => {
    expect(decideCommand(listed, decision(), 'approve').kind).toBe('dropped')
    expect(decideCommand(owner, decision(), 'approve').kind).toBe('allowed')
  })

  it.each([
    ['command_sender_self', message({ sender: { ...PERSON, kind: 'self' } })],
    ['command_sender_bot', message({ sender: { ...PERSON, kind: 'bot' } })],
    ['command_relayed', message({ isRelayed: true })],
    ['command_sender_bot', decision({ sender: { ...PERSON, kind: 'bot' } })],
  ])('commands nothing, even under an owner’s id: %s', (reason, event) => {
    for (const name of names) {
      expect(decideCommand(owner, event, name)).toEqual({ kind: 'dropped', reason })
    }
  })

  it.each(['reasoning', 'verbose'] as const)('is off in groups: /%s', (name) => {
    expect(decideCommand(owner, message({ conversation: GROUP }), name)).toEqual({
      kind: 'dropped',
      reason: 'command_not_in_groups',
    })
    expect(decideCommand(owner, message(), name).kind).toBe('allowed')
  })
})
