import { describe, expect, it } from 'vitest'
import { toSlack } from '../../../../src/channels/slack/dialect.ts'
import { reasoningText, stepText } from '../../../../src/gateway/channels/shown-text.ts'

const step = (args: unknown) =>
  stepText({ type: 'tool.call', id: '1', name: 'exec', arguments: args })

describe('a step that is shown', () => {
  it('is one line, cut, and says so', () => {
    expect(step({ command: 'a\nb' })).toBe('- `exec` `{"command":"a\\nb"}`')
    expect(step({ command: 'x'.repeat(500) })).toMatch(/^- `exec` `\{"command":"x{140,150}` …$/)
    expect(step(undefined)).toBe('- `exec`')
  })

  it('is ended by nothing in it, and calls nobody', () => {
    const shown = step({ command: 'a ``` *b* <!channel> `c`' }) ?? ''
    expect(shown).toContain('```` {"command":"a ``` *b*')
    expect(toSlack(shown)).not.toContain('<!channel>')
  })

  it('is a call, or one that failed', () => {
    const result = {
      type: 'tool.result',
      id: '1',
      name: 'exec',
      arguments: {},
      result: '',
    } as const
    expect(stepText({ ...result, isError: true })).toBe('- `exec` failed')
    expect(stepText({ ...result, isError: false })).toBeNull()
    expect(stepText({ type: 'chunk', content: 'x' })).toBeNull()
  })
})

describe('thoughts that are shown', () => {
  it('are quoted, line by line, and end somewhere', () => {
    expect(reasoningText(' a\nb ')).toBe('> a\n> b')
    expect(reasoningText('  ')).toBe('')
    expect(reasoningText('x'.repeat(7_000))).toMatch(/x\n> …$/)
  })
})
