import { describe, expect, it } from 'vitest'
import type { Approval } from '../../../src/domain/approval.ts'
import type { AgentId, RunId, UserId } from '../../../src/domain/ids.ts'
import {
  cutSpelt,
  spellOut,
  toListedApproval,
  toWireApproval,
} from '../../../src/protocol/approval.ts'

const approval: Approval = {
  id: 'apr_1',
  agentId: 'agt_1' as AgentId,
  agentKey: 'default',
  sessionKey: 'agent:default:ws:direct:1',
  runId: 'run_1' as RunId,
  callId: 'run_1.1.0',
  tool: 'exec',
  arguments: '{"command":"ls"}',
  cwd: '',
  envNames: [],
  access: 'rw',
  network: 'none',
  policyVersion: '1',
  manifestRoot: '',
  standing: null,
  reason: 'autonomy',
  bindingHash: '',
  status: 'pending',
  requestedBy: 'ann' as UserId,
  sessionOwner: 'ann' as UserId,
  decidedBy: null,
  decidedAt: null,
  consumedAt: null,
  createdAt: 0,
  expiresAt: 0,
}

describe('what an approver reads', () => {
  it('is the text itself while it is plain', () => {
    expect(spellOut('rm -i "a b" && ls ~/x | wc -l')).toBe('rm -i "a b" && ls ~/x | wc -l')
  })

  it.each([
    ['a right-to-left override', 'cat \u202etxt.sh', 'cat \\u{202e}txt.sh'],
    ['a Cyrillic letter', 'rm \u0430', 'rm \\u{430}'],
    ['a zero-width space', 'l\u200bs', 'l\\u{200b}s'],
    ['an escape sequence', 'echo \u001b[2K', 'echo \\u{1b}[2K'],
    ['a carriage return', 'rm x\recho', 'rm x\\u{d}echo'],
    ['a line break', 'a\nb', 'a\\nb'],
    ['a character beyond the first plane', '\u{1f600}', '\\u{1f600}'],
    ['half a surrogate pair', 'x\ud800y', 'x\\u{d800}y'],
  ])('spells out %s', (_, text, shown) => {
    expect(spellOut(text)).toBe(shown)
  })

  it.each([
    ['a line break and the two characters that write one', 'ls # x\nrm y', 'ls # x\\nrm y'],
    ['a hidden character and its escape', 'l\u200bs', 'l\\u{200b}s'],
    ['a backslash and its escape', 'a\\nb', 'a\\u{5c}nb'],
    ['a tab behind a backslash and two backslashes', 'a\\\tb', 'a\\\\tb'],
  ])('tells apart %s', (_, one, other) => {
    expect(spellOut(one)).not.toBe(spellOut(other))
  })

  it('is all that a tool is told, whatever its arguments are called', () => {
    const shown = toWireApproval({
      ...approval,
      tool: 'mcp_deploy',
      arguments: '{"command":"status","target":"production"}',
    })
    expect(shown.command).toContain('production')
  })

  it('is who asked, spelt like the rest', () => {
    const requestedBy = 'ann\u001b[2K' as UserId
    expect(toWireApproval({ ...approval, requestedBy }).requestedBy).toBe('ann\\u{1b}[2K')
  })
})

describe('an approval in a list', () => {
  it('is whole where it is short', () => {
    expect(toListedApproval(approval)).toEqual({ ...toWireApproval(approval), isCut: false })
  })

  it.each([
    ['its command', { arguments: JSON.stringify({ command: `ls ${'a'.repeat(1_000)}` }) }],
    ['its other arguments', { arguments: JSON.stringify({ command: 'ls', x: 'a'.repeat(1_000) }) }],
    ['its folder', { cwd: 'a'.repeat(1_001) }],
    ['the names of its variables', { envNames: ['A'.repeat(600), 'B'.repeat(600)] }],
  ])('says that %s is cut', (_, change) => {
    const listed = toListedApproval({ ...approval, ...change })
    expect(listed.isCut).toBe(true)
    expect(JSON.stringify(listed).length).toBeLessThan(4_000)
  })

  it('is cut before an escape, never in it', () => {
    const text = `a\u202e\n\u{1f600}\\n\t\\x\\`
    const spelt = spellOut(text)
    // What stands for one character each: cut anywhere else, it would read as others.
    const pieces = spelt.match(/\\(?:[nt]|u\{[0-9a-f]+\})|./g) ?? []
    const ends = new Set<number>()
    pieces.reduce((end, piece) => {
      ends.add(end)
      return end + piece.length
    }, 0)
    for (let max = 1; max < spelt.length; max++) {
      const cut = cutSpelt(spelt, max)
      expect(spelt.startsWith(cut)).toBe(true)
      expect(ends, `${max}: ${cut}`).toContain(cut.length)
      expect(max - cut.length).toBeLessThan('\\u{10ffff}'.length)
    }
    expect(cutSpelt(spelt, spelt.length)).toBe(spelt)
  })
})
