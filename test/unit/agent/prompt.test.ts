import { describe, expect, it } from 'vitest'
import { buildSystemPrompt } from '../../../src/agent/prompt.ts'

const parts = {
  agentName: 'Ada',
  agentPrompt: 'You sell boats.',
  callerInstructions: '',
  hasTools: true,
  isSandboxAvailable: true,
  programs: [],
}

describe('buildSystemPrompt', () => {
  it("puts the agent's own words above the caller's", () => {
    const prompt = buildSystemPrompt({ ...parts, callerInstructions: 'Talk like a pirate.' })
    expect(prompt.indexOf('You sell boats.')).toBe(0)
    expect(prompt.indexOf('Talk like a pirate.')).toBeGreaterThan(
      prompt.indexOf('untrusted-content'),
    )
  })

  it('says nothing of a caller who wishes nothing', () => {
    expect(buildSystemPrompt({ ...parts, callerInstructions: ' \n' })).not.toContain('caller')
  })

  it('names the agent when it has no prompt of its own', () => {
    expect(buildSystemPrompt({ ...parts, agentPrompt: '  ' })).toContain('You are Ada')
  })

  it('names the programs that carry a credential, where commands can run at all', () => {
    const programs = [
      { name: 'gh', description: 'issues of acme/site' },
      { name: 'aws', description: '' },
    ]
    const prompt = buildSystemPrompt({ ...parts, programs })
    expect(prompt).toContain('- gh: issues of acme/site\n- aws')
    expect(prompt).toContain('Call one alone')
    expect(buildSystemPrompt(parts)).not.toContain('credential')
    const none = { ...parts, programs, isSandboxAvailable: false }
    expect(buildSystemPrompt(none)).not.toContain('gh')
    expect(buildSystemPrompt({ ...parts, programs, hasTools: false })).not.toContain('gh')
  })

  it('says that commands cannot run where there is no sandbox', () => {
    expect(buildSystemPrompt({ ...parts, isSandboxAvailable: false })).toContain('cannot be run')
    expect(buildSystemPrompt(parts)).not.toContain('cannot be run')
    expect(buildSystemPrompt({ ...parts, hasTools: false })).not.toContain('sandbox')
  })
})
