import { describe, expect, it } from 'vitest'
import { openTranscript } from '../../../src/cli/transcript.ts'

function record() {
  let answer = ''
  let notes = ''
  const transcript = openTranscript(
    { write: (text) => (answer += text) },
    { columns: 60, write: (text) => (notes += text) },
  )
  const show = (type: string, payload: Record<string, unknown>) =>
    transcript.show({ type, runId: 'run_1', sessionKey: 'agent:a:ws:direct:b', payload })
  return { transcript, show, answer: () => answer, notes: () => notes }
}

describe('openTranscript', () => {
  it('streams the answer as it comes, and ends it with one newline', () => {
    const { transcript, show, answer } = record()
    show('chunk', { content: 'Hel' })
    show('chunk', { content: 'lo' })
    expect(answer()).toBe('Hello')
    transcript.finish('Hello')
    expect(answer()).toBe('Hello\n')
  })

  it('shows the whole content when nothing of it was streamed', () => {
    const { transcript, answer } = record()
    transcript.finish('All at once')
    expect(answer()).toBe('All at once\n')
  })

  it('shows tool calls and results in one line each, beside the answer', () => {
    const { show, notes, answer } = record()
    show('tool.call', { id: '1', name: 'exec', arguments: { command: 'id\nls' } })
    show('tool.result', { id: '1', name: 'exec', is_error: false, result: 'uid=1000\nx\ny' })
    show('tool.call', { id: '2', name: 'lookup', arguments: { a: 1 } })
    show('tool.result', { id: '2', name: 'lookup', is_error: true, result: 'no such thing' })
    expect(notes().split('\n')).toEqual([
      '▸ exec id ls',
      '✓ uid=1000  (+2 lines)',
      '▸ lookup {"a":1}',
      '✗ no such thing',
      '',
    ])
    expect(answer()).toBe('')
  })

  it('shows the answer after a tool call even when there was text before it', () => {
    const { transcript, show, answer } = record()
    show('chunk', { content: 'Let me look.\n' })
    show('tool.call', { id: '1', name: 'exec', arguments: { command: 'id' } })
    transcript.finish('Done.')
    expect(answer()).toBe('Let me look.\nDone.\n')
  })

  it('keeps lines within the width of the terminal', () => {
    const { show, notes } = record()
    show('tool.call', { id: '1', name: 'exec', arguments: { command: 'x'.repeat(500) } })
    show('tool.result', { id: '1', name: 'exec', result: `${'y'.repeat(500)}\nz` })
    for (const line of notes().split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('lets neither model nor tool control the terminal', () => {
    const { transcript, show, answer, notes } = record()
    show('chunk', { content: 'a\u001b]0;owned\u0007b' })
    show('tool.call', { id: '1', name: '\u001b[2Jexec', arguments: { command: '\u001b[1Aid' } })
    show('tool.result', { id: '1', name: 'exec', result: '\u001b]52;c;eA==\u0007ok' })
    transcript.finish('')
    expect(answer() + notes()).not.toContain('\u001b')
    expect(notes()).toContain('exec id')
  })

  it('tells why a call takes long, and says nothing of other activities', () => {
    const { show, notes } = record()
    show('activity', { phase: 'thinking' })
    show('activity', { phase: 'tool_slow', reason: 'the image is being built' })
    show('run.retrying', { attempt: 2, maxAttempts: 3 })
    expect(notes()).toBe('… the image is being built\n… the model is asked again (2 of 3)\n')
  })

  it('says how a call that waits for a human is let go', () => {
    const { show, notes } = record()
    const approvalId = 'apr_1\u001b[2J'
    show('activity', { phase: 'approval_wait', approvalId, tool: 'exec', reason: 'autonomy' })
    expect(notes()).toContain('npm run cli -- approvals approve apr_1')
    expect(notes()).not.toContain('\u001b')
  })

  it('survives payloads of any shape', () => {
    const { show, notes, answer } = record()
    for (const type of ['chunk', 'tool.call', 'tool.result', 'activity', 'run.retrying', 'new']) {
      for (const payload of [{}, { content: 1, name: null, arguments: 'x', result: [1] }]) {
        show(type, payload)
      }
    }
    expect(`${notes()}${answer()}`).not.toMatch(/undefined|\[object/)
  })
})
