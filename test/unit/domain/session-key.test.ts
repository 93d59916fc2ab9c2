import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isCreatable,
  parseSessionKey,
  type SessionKind,
  webSessionKey,
} from '../../../src/domain/session-key.ts'

const keyOf = (text: string) => {
  const parsed = parseSessionKey(text)
  return parsed.ok ? parsed.value : null
}

describe('parseSessionKey', () => {
  it('knows every kind of conversation', () => {
    const kinds: Record<string, SessionKind> = {
      'agent:main:ws:direct:c1': 'web',
      'agent:main:telegram:direct:42': 'channel',
      'agent:main:telegram:group:-100': 'channel',
      'agent:main:telegram:group:-100:topic:7': 'channel',
      'agent:main:slack:thread:C1-1.2': 'channel',
      'agent:main:ws:group:g1': 'channel',
      'agent:main:subagent:research': 'subagent',
      'agent:main:cron:job1': 'cron',
      'agent:main:main': 'main',
    }
    for (const [text, kind] of Object.entries(kinds)) {
      expect(keyOf(text), text).toMatchObject({ kind, text, agentKey: 'main' })
    }
  })

  it('lower-cases the agent and the channel only', () => {
    expect(keyOf('Agent:Main:WS:direct:AbC')).toMatchObject({
      text: 'agent:main:ws:direct:AbC',
      agentKey: 'main',
      channel: 'ws',
    })
  })

  it('rejects what has another shape, in words', () => {
    const wrong = [
      '',
      'agent',
      'agent:main',
      'main:main:ws:direct:c',
      'agent::ws:direct:c',
      'agent:main::direct:c',
      'agent:main:ws',
      'agent:main:ws:direct',
      'agent:main:ws:direct:',
      'agent:main:ws:direct::',
      'agent:main:ws:whisper:c',
      'agent:main:telegram:42',
      'agent:main:subagent',
      'agent:main:subagent:',
      'agent:main:cron:',
      'agent:main:main:more',
      'agent:-x:ws:direct:c',
      `agent:${'a'.repeat(65)}:ws:direct:c`,
      `agent:main:ws:direct:${'c'.repeat(400)}`,
    ]
    for (const text of wrong) {
      expect(parseSessionKey(text), text).toMatchObject({ ok: false, error: expect.any(String) })
    }
  })

  it('rejects characters that mean something to a path, a name or a terminal', () => {
    for (const bad of ['/', '\\', '%2f', ' ', '\n', '\u0000', '\u202e', 'ä', '*', '{', '<']) {
      expect(keyOf(`agent:main:ws:direct:c${bad}`), JSON.stringify(bad)).toBeNull()
      expect(keyOf(`agent:ma${bad}in:ws:direct:c`), JSON.stringify(bad)).toBeNull()
    }
    expect(keyOf('agent:main:ws:direct:a.b_c@d+e=f-g')).not.toBeNull()
  })

  it('gives a text back that means the same, whatever it was given', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'B', '0', ':', '-', '.', '/', 'K') })
    const text = fc
      .tuple(
        fc.constantFrom('agent', 'AGENT'),
        part,
        fc.constantFrom('ws', 'Slack', 'main', 'cron'),
        part,
      )
      .map((parts) => parts.join(':'))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (given) => {
        const key = keyOf(given)
        if (key) expect(keyOf(key.text)).toEqual(key)
      }),
    )
  })
})

describe('isCreatable', () => {
  const mayCreate = (
    text: string,
    isAdmin: boolean,
    origin: Parameters<typeof isCreatable>[2] = null,
  ) => {
    const key = keyOf(text)
    if (!key) throw new Error(`no key: ${text}`)
    return isCreatable(key, isAdmin, origin)
  }

  it('allows web conversations', () => {
    expect(mayCreate(webSessionKey('main', 'c1'), false)).toBe(true)
  })

  it('rejects keys that belong to a channel, schedule or parent run, for admins too', () => {
    for (const text of [
      'agent:main:telegram:direct:42',
      'agent:main:ws:group:g1',
      'agent:main:cron:job1',
      'agent:main:subagent:s1',
    ]) {
      expect(mayCreate(text, false), text).toBe(false)
      expect(mayCreate(text, true), text).toBe(false)
    }
  })

  it('allows main to admins, and rejects it for others', () => {
    expect(mayCreate('agent:main:main', true)).toBe(true)
    expect(mayCreate('agent:main:main', false)).toBe(false)
  })

  it('allows schedules and parent runs their own kind, and nothing else', () => {
    expect(mayCreate('agent:main:cron:job1', false, 'cron')).toBe(true)
    expect(mayCreate('agent:main:subagent:s1', false, 'subagent')).toBe(true)
    for (const [text, origin] of [
      ['agent:main:cron:job1', 'subagent'],
      ['agent:main:subagent:s1', 'cron'],
      ['agent:main:telegram:direct:42', 'cron'],
      [webSessionKey('main', 'c1'), 'cron'],
      [webSessionKey('main', 'c1'), 'subagent'],
      ['agent:main:main', 'subagent'],
    ] as const) {
      expect(mayCreate(text, true, origin), text).toBe(false)
    }
  })

  it('allows schedules the main conversation of an admin alone', () => {
    expect(mayCreate('agent:main:main', true, 'cron')).toBe(true)
    expect(mayCreate('agent:main:main', false, 'cron')).toBe(false)
  })
})
