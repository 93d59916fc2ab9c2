import { describe, expect, it } from 'vitest'
import { argsOf, readVerdict } from '../../../../src/dashboard/pages/agents/verdict.ts'

describe('a verdict of the gate', () => {
  it('tells rule, layer and how a command was read', () => {
    const verdict = readVerdict({
      decision: 'deny',
      message: 'the command is denied',
      decidedBy: { layer: 'shell', rule: 'deny_groups', detail: { groups: ['code_injection'] } },
      parsed: {
        line: {
          commands: [
            { name: 'curl', args: ['x.example'], wrapper: null, isTrusted: true },
            { name: 'sh', args: [null], wrapper: 0, isTrusted: false, isAllowlisted: true },
          ],
        },
      },
    })
    expect(verdict).toMatchObject({
      decision: 'deny',
      title: 'It would be refused',
      because: 'The rules of the shell: rule deny_groups',
      details: [['groups', 'code_injection']],
      commands: [
        { text: 'curl x.example', marks: [] },
        {
          text: 'sh …',
          marks: ['run by another command', 'on the list', 'not known before it runs'],
        },
      ],
    })
  })

  it('names the level of a policy rule', () => {
    const decidedBy = { layer: 'policy', rule: 'deny', detail: { level: 'tenant', entry: 'cron' } }
    const verdict = readVerdict({ decision: 'deny', decidedBy, parsed: {} })
    expect(verdict.because).toBe('The tool policy: rule deny of level Tenant')
  })

  it('takes whatever it does not understand for a refusal', () => {
    for (const answer of [{}, { decision: 'yes' }, { decision: null, decidedBy: 'me', parsed: 3 }])
      expect(readVerdict(answer)).toMatchObject({ decision: 'deny', because: null, commands: [] })
  })

  it('says when a line is no bash, and how an address was read', () => {
    expect(readVerdict({ decision: 'deny', parsed: { line: null } }).details).toEqual([
      ['line', 'cannot be read as bash'],
    ])
    const parsed = { url: { scheme: 'http', host: 'a.example', path: '/b' } }
    expect(readVerdict({ decision: 'allow', parsed })).toMatchObject({
      title: 'It would run',
      url: 'http://a.example/b',
    })
  })
})

describe('what is written in the box', () => {
  it('is the command or the address of the tools that have one', () => {
    expect(argsOf('exec', 'ls {')).toEqual({ command: 'ls {' })
    expect(argsOf('web_fetch', 'http://a')).toEqual({ url: 'http://a' })
  })

  it('is a JSON object for all others, or nothing at all', () => {
    expect(argsOf('cron', ' ')).toEqual({})
    expect(argsOf('cron', '{"a":1}')).toEqual({ a: 1 })
    expect(['[1]', 'null', '{', '3'].map((text) => argsOf('cron', text))).toEqual([
      null,
      null,
      null,
      null,
    ])
  })
})
