import { describe, expect, it } from 'vitest'
import {
  approvalOf,
  approvalsOf,
  reasonOf,
  standingOf,
  timeLeft,
} from '../../../../src/dashboard/pages/approvals/approval.ts'
import { actOf, moved } from '../../../../src/dashboard/pages/approvals/queue-keys.ts'

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

  it('says why somebody is asked, also for a reason that is not known here', () => {
    expect(reasonOf(approvalOf({ reason: 'autonomy' }))).toMatch(/asks before/)
    expect(reasonOf(approvalOf({ reason: 'something_new' }))).toBe('something_new')
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

  it('stay inside the list', () => {
    expect(moved(0, 'previous', 3)).toBe(0)
    expect(moved(0, 'next', 3)).toBe(1)
    expect(moved(2, 'next', 3)).toBe(2)
  })
})
