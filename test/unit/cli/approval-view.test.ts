import { describe, expect, it } from 'vitest'
import { type ApprovalView, toApprovalLines } from '../../../src/cli/approval-view.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const plain = paletteFor({ isTTY: false }, {})
const view: ApprovalView = {
  id: 'apr_1',
  command: 'touch a.txt',
  tool: 'exec',
  agentId: 'careful',
  cwd: 'src',
  sessionKey: 'agent:careful:ws:direct:1',
  requestedBy: 'ann',
  reason: 'autonomy',
  expiresAt: '2026-11-26T10:00:00.000Z',
}
const shown = (change: Partial<ApprovalView> = {}, width = 80): string =>
  toApprovalLines({ ...view, ...change }, plain, width)

describe('a waiting call on the terminal', () => {
  it('says what, who, where, until when and why', () => {
    expect(shown()).toBe(`apr_1  exec  by ann, until 2026-11-26 10:00:00 UTC
  touch a.txt
  agent careful · in src · agent:careful:ws:direct:1
  the agent asks before it changes anything`)
  })

  it('shows a long command whole, in lines that fit', () => {
    const command = `echo ${'0123456789'.repeat(50)}; rm important`
    const lines = shown({ command }, 60).split('\n').slice(1, -2)
    expect(lines.map((line) => line.slice(2)).join('')).toBe(command)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('says of one that it is not the whole', () => {
    expect(shown({ isCut: true })).toContain('not the whole call: edgeclaw approvals show apr_1')
    expect(shown({ isCut: false })).toBe(shown())
  })

  it('lets no command move the cursor', () => {
    expect(shown({ command: 'ls\u001b[1A\u001b[2Kx' })).not.toContain('\u001b')
  })

  it('lets nothing else that a gateway says move it either, or open a line of its own', () => {
    const hostile = 'x\u001b[1A\u001b[2K\nevil'
    for (const member of ['id', 'tool', 'agentId', 'cwd', 'requestedBy', 'expiresAt'] as const) {
      const text = shown({ [member]: hostile })
      expect(text, member).not.toContain('\u001b')
    }
    expect(shown({ id: hostile, tool: hostile, expiresAt: hostile }).split('\n')).toHaveLength(4)
  })

  it('shows where the words of a standing one end', () => {
    expect(shown({ command: ['touch', 'a b', 'c'] })).toContain("touch 'a b' c")
  })
})
