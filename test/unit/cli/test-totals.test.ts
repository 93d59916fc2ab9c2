import { describe, expect, it } from 'vitest'
import { addTotals, countCases, summaryLine } from '../../run.ts'

const report = (passed: number, failed: number, files: { status: string; cases: string[] }[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: files.map(({ status, cases }) => ({
    status,
    assertionResults: cases.map((one) => ({ status: one })),
  })),
})

describe('countCases', () => {
  it('counts what passed, failed and was left out', () => {
    const files = [{ status: 'failed', cases: ['passed', 'passed', 'failed'] }]
    expect(countCases(report(2, 1, files), 1)).toEqual({ passed: 2, failed: 1, skipped: 2 })
  })

  it('counts a file that could not be loaded', () => {
    expect(countCases(report(2, 0, [{ status: 'failed', cases: [] }]), 1).failed).toBe(1)
  })

  it('counts a failure that no case explains, and none when all is well', () => {
    expect(countCases(report(2, 0, []), 1).failed).toBe(1)
    expect(countCases(report(2, 0, []), 0).failed).toBe(0)
  })
})

describe('summaryLine', () => {
  it('names what was skipped only when something was', () => {
    expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
    expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
  })

  it('sums', () => {
    const one = { passed: 1, failed: 2, skipped: 3 }
    expect(addTotals(one, one)).toEqual({ passed: 2, failed: 4, skipped: 6 })
  })
})
