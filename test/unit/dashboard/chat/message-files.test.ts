import { describe, expect, it } from 'vitest'
import { attachedLine, withoutAttachments } from '../../../../src/dashboard/pages/chat/files.ts'
import {
  agentOf,
  nameOf,
  newSessionKey,
} from '../../../../src/dashboard/pages/chat/session-name.ts'

describe('the files of a message', () => {
  it('are told apart from its words', () => {
    const message = ['Look at this.', attachedLine('media/a.png'), attachedLine('media/b.pdf')]
    expect(withoutAttachments(message.join('\n\n'))).toEqual({
      text: 'Look at this.',
      files: ['media/a.png', 'media/b.pdf'],
    })
  })

  it('are none where the line is part of a sentence', () => {
    const message = `He wrote ${attachedLine('media/a.png')} there`
    expect(withoutAttachments(message)).toEqual({ text: message, files: [] })
  })
})

describe('the name of a session', () => {
  it('is its label, or what its key tells', () => {
    expect(nameOf({ key: 'agent:main:ws:direct:c1', label: 'Bills' })).toBe('Bills')
    expect(nameOf({ key: 'agent:main:ws:direct:0123456789' })).toBe('main, chat 01234567')
    expect(nameOf({ key: 'agent:main:cron:job_1' })).toBe('main, cron job_1')
    expect(nameOf({ key: 'agent:main:main' })).toBe('main, main')
    expect(nameOf({ key: 'odd' })).toBe('odd')
  })

  it('is another for each new conversation with an agent', () => {
    const key = newSessionKey('main')
    expect(key).toMatch(/^agent:main:ws:direct:[0-9a-f-]{36}$/)
    expect(agentOf(key)).toBe('main')
    expect(newSessionKey('main')).not.toBe(key)
  })
})
