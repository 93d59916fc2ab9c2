import { describe, expect, it } from 'vitest'
import type { GrantedBinary } from '../../../../src/domain/credentialed-binary.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import { planCommand, planPlainCall } from '../../../../src/tools/credentialed/plan.ts'
import {
  type CredentialedPolicy,
  resolveCredentialedPolicy,
} from '../../../../src/tools/credentialed/policy.ts'
import { describeCredentialedRefusal } from '../../../../src/tools/credentialed/refusal.ts'
import { judgeCommand } from '../../../../src/tools/shell/judge.ts'
import { AGENT, binary, OTHER_AGENT, policyOf } from '../../../support/credentialed.ts'

const GH = binary('gh')
const GRANTED = policyOf([GH, binary('git')])
const STRANGER = policyOf([GH, binary('git')], OTHER_AGENT)

function plan(command: string, policy: CredentialedPolicy = GRANTED) {
  const judged = judgeCommand(command, { denyGroups: new Set() })
  if (judged.decision !== 'allow') throw new Error(`${command}: ${judged.reason}`)
  return planCommand(command, judged.commands, policy)
}
const argvOf = (command: string, policy?: CredentialedPolicy) => {
  const planned = plan(command, policy)
  return planned.ok ? (planned.value?.argv ?? null) : planned.error.why
}
const whyOf = (command: string, policy?: CredentialedPolicy) => {
  const planned = plan(command, policy)
  return planned.ok ? 'allowed' : planned.error.why
}

describe('a plain call', () => {
  it('runs at the registered path with its arguments as they stand', () => {
    expect(argvOf('gh pr list --json title')).toEqual([
      '/usr/bin/gh',
      'pr',
      'list',
      '--json',
      'title',
    ])
    expect(argvOf("gh issue --title 'a | b'")).toEqual(['/usr/bin/gh', 'issue', '--title', 'a | b'])
    expect(argvOf('/usr/bin/gh pr list')).toEqual(['/usr/bin/gh', 'pr', 'list'])
  })

  it('is denied to an agent without a grant', () => {
    expect(whyOf('gh pr list', STRANGER)).toBe('no_grant')
  })

  it('is everybody’s when the binary is global', () => {
    const policy = policyOf([binary('gh', { isGlobal: true, grants: [] })], OTHER_AGENT)
    expect(argvOf('gh pr list', policy)).toEqual(['/usr/bin/gh', 'pr', 'list'])
  })

  it('is denied while the binary is off or has no credential, and may have a network', () => {
    expect(whyOf('gh pr list', policyOf([{ ...GH, enabled: false }]))).toBe('no_grant')
    expect(whyOf('gh pr list', policyOf([{ ...GH, hasCredential: false }]))).toBe('no_credential')
    const networked = { ...GH, hosts: ['api.github.com'] }
    expect(whyOf('gh pr list', policyOf([networked]))).toBe('allowed')
  })

  it('is denied with an argument that the binary or the grant forbids', () => {
    const strict: GrantedBinary = {
      ...GH,
      denyArgs: ['repo delete'],
      denyVerbose: ['--verbose'],
      grants: [{ agentId: AGENT, denyArgs: ['secret*'] }],
    }
    const policy = policyOf([strict])
    expect(whyOf('gh repo delete x', policy)).toBe('arguments')
    expect(whyOf('gh repo view x --verbose', policy)).toBe('arguments')
    expect(whyOf('gh secret list', policy)).toBe('arguments')
    expect(whyOf('gh repo view x', policy)).toBe('allowed')
  })

  it('is denied what would copy its own environment', () => {
    const paths = ['/proc/self/environ', '../proc/1/environ', '@/proc/self/environ', '/dev/fd/3']
    for (const path of [...paths, 'file:///proc/1/mem', 'proc/self/environ', '-F/proc/x']) {
      const planned = planPlainCall(`gh gist create ${path}`, GRANTED)
      expect(!planned.ok && planned.error.why, path).toBe('hardening')
    }
    const around = ['/dev//fd/../environ', '/dev/./fd/..//environ', '/dev/shm/../fd/./../environ']
    for (const path of [
      ...around,
      '-C/dev fd/../environ',
      'file:///%70roc/self/environ',
      '/proc x',
    ]) {
      const planned = planPlainCall(`gh gist create ${path}`, GRANTED)
      expect(!planned.ok && planned.error.why, path).toBe('hardening')
    }
    const patterns = [
      '/pr?c/self/environ',
      '/p*/self/env*',
      '../[p]roc/1/environ',
      '-F/{proc,x}/1/m*',
    ]
    for (const path of patterns) {
      const planned = planPlainCall(`gh gist create '${path}'`, GRANTED)
      expect(!planned.ok && planned.error.why, path).toBe('hardening')
    }
    for (const path of ['src/*/a/*.md', '/search/code?q=repo:a/b', '*.md']) {
      expect(whyOf(`gh api '${path}'`), path).toBe('allowed')
    }
    for (const path of ['procedure/a.md', 'fd/a.md', 'dev/fdisk', '100%70']) {
      expect(whyOf(`gh gist create ${path}`), path).toBe('allowed')
    }
  })
})

describe('any other way to a registered binary', () => {
  it.each([
    ['gh pr list | head', 'not_plain'],
    ['gh pr list > out', 'not_plain'],
    ['cd sub && gh pr list', 'not_plain'],
    ['echo "$(gh pr list)"', 'not_plain'],
    ['gh $X', 'not_plain'],
    ['GH_REPO=a/b gh pr list', 'not_plain'],
    ['./gh pr list', 'not_plain'],
    ['/workspace/bin/gh pr list', 'not_plain'],
    ['gh() { id; }; gh', 'not_plain'],
    ['sh -c "gh pr list"', 'wrapped'],
    ['env gh pr list', 'wrapped'],
    ['env FOO=1 /usr/bin/gh pr list', 'wrapped'],
    ['timeout 5 gh pr list', 'wrapped'],
    ['nohup gh pr list', 'wrapped'],
    ['echo x | xargs gh pr view', 'wrapped'],
    ['find . -name x -exec gh pr view {} +', 'wrapped'],
    ['bash -c "env timeout 5 gh pr list"', 'wrapped'],
    ['nice nohup env timeout 5 gh pr list', 'wrapper_too_deep'],
    ['bash -c "sh -c \'env timeout 5 gh pr list\'"', 'wrapper_too_deep'],
  ])('is denied even with a grant: %s', (command, why) => {
    expect(whyOf(command)).toBe(why)
  })

  it.each([
    'sh -c "gh pr list"',
    'env gh pr list',
    'gh pr list | head',
    './gh',
    'timeout 5 git log',
  ])('is denied without one: %s', (command) => {
    expect(whyOf(command, STRANGER)).toBe('no_grant')
  })

  it('tells what was wrapped in what, for the event alone', () => {
    const planned = plan('bash -c "env gh pr list"')
    expect(!planned.ok && planned.error).toMatchObject({
      binary: 'gh',
      wrapper: 'bash env',
      command: 'bash -c "env gh pr list"',
      agentId: AGENT,
    })
  })

  it('counts the program’s own name beside the registered one', () => {
    const policy = policyOf([binary('gh-prod', { absolutePath: '/usr/bin/gh' })])
    expect(argvOf('gh-prod pr list', policy)).toEqual(['/usr/bin/gh', 'pr', 'list'])
    expect(whyOf('gh pr list', policy)).toBe('not_plain')
  })
})

describe('a command that reaches none', () => {
  it.each(['ls -la', 'echo gh', 'cat gh/readme | head', 'bash -c "ls; pwd"', 'ghost pr'])(
    'is none of the registry’s business: %s',
    (command) => {
      expect(argvOf(command)).toBeNull()
    },
  )

  it('is every command where nothing is registered', () => {
    expect(argvOf('gh pr list', policyOf([]))).toBeNull()
  })
})

it('tells the model nothing of patterns, paths or other agents', () => {
  const policy = policyOf([{ ...GH, denyArgs: ['very-secret-pattern*'] }])
  const planned = plan('gh very-secret-pattern-1', policy)
  const words = planned.ok ? '' : describeCredentialedRefusal(planned.error)
  expect(words).toContain('gh was not run')
  expect(words).not.toMatch(/secret-pattern|usr\/bin|agt_/)
})

it('leaves a sub-agent what all of its ancestors have', () => {
  const both = [AGENT, OTHER_AGENT].map((agentId, index) => ({ agentId, denyArgs: [`no${index}`] }))
  const resolve = (grants: GrantedBinary['grants']) =>
    resolveCredentialedPolicy({
      tenantId: 'ten_a' as TenantId,
      binaries: [binary('gh', { grants })],
      lineage: [OTHER_AGENT, AGENT],
    }).binaries[0]
  expect(resolve(both)).toMatchObject({ isGranted: true, denyArgs: ['no1', 'no0'] })
  expect(resolve(both.slice(0, 1))?.isGranted).toBe(false)
  expect(resolve(both.slice(1))?.isGranted).toBe(false)
})
