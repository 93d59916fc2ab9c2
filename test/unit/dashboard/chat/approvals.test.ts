import { describe, expect, it } from 'vitest'
import {
  approvalOf,
  approvalsOf,
  standingOf,
  timeLeft,
  wholeOr,
} from '../../../../src/dashboard/pages/approvals/approval.ts'
import { actOf } from '../../../../src/dashboard/pages/approvals/queue-keys.ts'

const pressed = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
})

describe('a waiting call', () => {
  it('shows its command exactly as the gateway spelt it', () => {
    const command = 'rm -rf ./a\\u{202e}b  "c"\\n'
    expect(approvalOf({ id: 'apr_1', command }).command).toBe(command)
  })

  it('is whole when all of the same call was read, and only then', () => {
    const row = approvalOf({ id: 'apr_1', command: 'ec', isCut: true })
    const whole = approvalOf({ id: 'apr_1', command: 'echo', isCut: false })
    expect(wholeOr(row, whole)).toBe(whole)
    expect(wholeOr(row, null).isCut).toBe(true)
    expect(wholeOr(row, { ...whole, id: 'apr_2' })).toBe(row)
    expect(wholeOr(row, { ...whole, isCut: true })).toBe(row)
    // What does not say that it is whole is not taken for it.
    expect(approvalOf({ isCut: 'no' }).isCut).toBe(true)
    expect(approvalOf({}).isCut).toBe(false)
  })

  it('is read without trust in what it holds', () => {
    expect(approvalOf({ command: 7, envNames: 'PATH', cwd: null })).toMatchObject({
      command: '',
      envNames: [],
      cwd: '',
    })
    expect(standingOf({ command: 'ls -l' })).toMatchObject({ argv: [] })
    expect(standingOf({ command: ['ls', '-l'] })).toMatchObject({ argv: ['ls', '-l'] })
  })

  it('comes before whoever has waited less', () => {
    const pending = ['2026-01-02', '2026-01-01', '2026-01-03'].map((createdAt) => ({ createdAt }))
    expect(approvalsOf(pending).map(({ createdAt }) => createdAt)).toEqual([
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
    ])
  })

  it('says which rule asks and why, also one that is not known here', () => {
    const rule = {
      name: 'exec_approval',
      security: 'full',
      ask: 'always',
      why: 'Every command asks.',
    }
    expect(approvalOf({ reason: 'exec_approval', rule }).rule).toEqual({
      name: 'exec_approval',
      why: 'Every command asks.',
      settings: ['security: full', 'ask: always'],
    })
    expect(approvalOf({ reason: 'autonomy' }).rule).toMatchObject({
      name: 'autonomy',
      why: expect.stringMatching(/asks before/),
    })
    expect(approvalOf({ reason: 'new_one' }).rule).toMatchObject({
      name: 'new_one',
      why: 'new_one',
    })
  })

  it('is shown as it was read, command by command', () => {
    const line = {
      commands: [
        { name: 'sudo', args: ['rm', null], wrapper: null, isReadOnly: false },
        { name: 'rm', args: [null], wrapper: 0, isAllowlisted: true, isTrusted: true },
      ],
      writesFile: true,
      isCut: false,
    }
    expect(approvalOf({ line, canAlways: true })).toMatchObject({
      canAlways: true,
      line: {
        writesFile: true,
        commands: [
          { name: 'sudo', args: ['rm', null], runBy: null, isAllowlisted: false },
          { name: 'rm', args: [null], runBy: 'sudo', isAllowlisted: true },
        ],
      },
    })
    expect(approvalOf({ line: null, canAlways: 'yes' })).toMatchObject({
      line: null,
      canAlways: false,
    })
  })

  it('has time left until it has none', () => {
    const approval = approvalOf({ expiresAt: '2026-01-01T00:02:05Z' })
    expect(timeLeft(approval, Date.parse('2026-01-01T00:00:00Z'))).toBe('2:05')
    expect(timeLeft(approval, Date.parse('2026-01-01T00:02:05Z'))).toBeNull()
    expect(timeLeft(approvalOf({}), 0)).toBeNull()
  })
})

describe('keys of the queue', () => {
  it('move and answer', () => {
    const acts = ['j', 'ArrowDown', 'k', 'ArrowUp', 'a', 'A', 'd', 'x'].map((key) =>
      actOf(pressed(key)),
    )
    expect(acts).toEqual(['next', 'next', 'previous', 'previous', 'once', 'always', 'deny', null])
  })

  it('answer once, however long they are held, and never together with others', () => {
    expect(actOf(pressed('a', { repeat: true }))).toBeNull()
    expect(actOf(pressed('j', { repeat: true }))).toBe('next')
    expect(actOf(pressed('a', { ctrlKey: true }))).toBeNull()
    expect(actOf(pressed('d', { metaKey: true }))).toBeNull()
  })
})
