import { describe, expect, it } from 'vitest'
import {
  isAllowlisted,
  isReadOnlyCommand,
  matchesGlob,
} from '../../../../src/tools/shell/allowlist.ts'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../../../src/tools/shell/judge.ts'

function allowed(command: string, allowedCommands?: readonly string[]) {
  return judgeCommand(command, {
    denyGroups: effectiveDenyGroups([]),
    ...(allowedCommands === undefined ? {} : { allowedCommands }),
  })
}

function judged(command: string) {
  const judgement = allowed(command)
  if (judgement.decision === 'deny') throw new Error(judgement.reason)
  return judgement
}

const hits = (command: string, globs: readonly string[]) =>
  isAllowlisted(judged(command).commands, globs)

describe('allowed commands', () => {
  it('must all be listed, wrappers and what they run', () => {
    expect(allowed('ls | wc', ['ls', 'wc']).decision).toBe('allow')
    expect(allowed('ls | wc', ['ls'])).toMatchObject({ decision: 'deny', isUnlisted: true })
    expect(allowed('timeout 5 wc', ['timeout']).decision).toBe('deny')
    expect(allowed('echo $(wc f)', ['echo']).decision).toBe('deny')
  })

  it('mean the programs of the image, not files of that name', () => {
    expect(allowed('/usr/bin/git status', ['git']).decision).toBe('allow')
    expect(allowed('/workspace/git status', ['git']).decision).toBe('deny')
    expect(allowed('./git status', ['git']).decision).toBe('deny')
    expect(allowed('/usr/bin/../../workspace/git', ['git']).decision).toBe('deny')
  })

  it('mean nothing once the text changes what names mean', () => {
    expect(allowed('PATH=$PATH:. git status', ['git']).decision).toBe('deny')
    expect(allowed('git() { ls; }; git', ['git', 'ls']).decision).toBe('deny')
  })

  it('never open what a group denies', () => {
    expect(allowed('sudo ls', ['sudo', 'ls'])).toMatchObject({ isUnlisted: false })
  })
})

describe('the approval allowlist', () => {
  it('hits only when every simple command does', () => {
    expect(hits('git status && ls', ['git', 'ls'])).toBe(true)
    expect(hits('git status && make', ['git', 'ls'])).toBe(false)
  })

  it('holds a glob with blanks against known arguments', () => {
    expect(hits('git status -s', ['git status*'])).toBe(true)
    expect(hits('git push', ['git status*'])).toBe(false)
    expect(hits('git status $x', ['git status*'])).toBe(false)
    expect(hits('git status $x', ['git'])).toBe(true)
  })

  it('is not hit by a text without a command', () => {
    expect(hits('x=1', ['*'])).toBe(false)
  })

  it('matches globs as a whole and in linear time', () => {
    expect(matchesGlob('npm run build', 'npm run *')).toBe(true)
    expect(matchesGlob('npm', 'np')).toBe(false)
    expect(matchesGlob('abc', 'a?c')).toBe(true)
    expect(matchesGlob('a'.repeat(50_000), `${'*a'.repeat(20)}b`)).toBe(false)
  })
})

describe('the read-only class', () => {
  it.each(['ls -la', 'cat a | grep x | wc -l', 'find . -name a', 'test -f a && echo yes'])(
    'holds %s',
    (command) => {
      expect(isReadOnlyCommand(judged(command))).toBe(true)
    },
  )

  it.each([
    'git status',
    'cat a > b',
    'sort -o a a',
    'find . -execdir make \\;',
    './ls',
    'x=1',
    'ls; make',
    'find . $x',
    'ls() { make; }; ls',
    'timeout 5 ls',
  ])('does not hold %s', (command) => {
    expect(isReadOnlyCommand(judged(command))).toBe(false)
  })

  it('takes throwing output away for no change', () => {
    expect(isReadOnlyCommand(judged('ls > /dev/null 2>&1'))).toBe(true)
  })
})
