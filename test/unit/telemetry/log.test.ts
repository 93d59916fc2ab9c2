import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { securityEvent } from '../../../src/domain/security-event.ts'
import { logError, logInfo, logSecurityEvent, logWarn } from '../../../src/telemetry/log.ts'

const lines: { level: string; line: string }[] = []

beforeEach(() => {
  lines.length = 0
  for (const [name, level] of [
    ['log', 'info'],
    ['warn', 'warn'],
    ['error', 'error'],
  ] as const) {
    vi.spyOn(console, name).mockImplementation((line: string) => void lines.push({ level, line }))
  }
})
afterEach(() => void vi.restoreAllMocks())

const last = () => JSON.parse(lines.at(-1)?.line ?? 'null') as Record<string, unknown>

describe('log lines', () => {
  it('are one JSON object each, on the stream of their level', () => {
    logInfo('a', { n: 1 })
    logWarn('b', { text: 'two\nlines' })
    logError('c', new Error('broken'))
    expect(lines.map(({ level }) => level)).toEqual(['info', 'warn', 'error'])
    for (const { level, line } of lines) {
      expect(line).not.toContain('\n')
      expect(JSON.parse(line)).toMatchObject({ level })
    }
    expect(JSON.parse(lines[0]?.line ?? '')).toEqual({ level: 'info', event: 'a', n: 1 })
  })

  it('hold no secret, wherever it stood', () => {
    const key = `sk-${'proj-'}${'A1b2C3d4'.repeat(5)}`
    logInfo('a', { header: `Bearer ${key}`, deep: { list: [key] } })
    logError('b', new Error(`the vendor said: invalid key ${key}`), { path: `/x?token=${key}` })
    for (const { line } of lines) expect(line).not.toContain(key)
    expect(lines[0]?.line).toContain('[REDACTED]')
  })

  it('tell the operator where an error came from, and take anything that is thrown', () => {
    logError('a', new Error('broken'))
    expect(last()).toMatchObject({ message: 'broken', stack: expect.stringContaining('log.test') })
    logError('a', 'just text')
    expect(last()).toMatchObject({ message: 'just text' })
    logError('a', undefined)
    expect(last()).toMatchObject({ message: 'undefined' })
  })

  it('carry security events with their severity and their context', () => {
    logSecurityEvent(securityEvent('auth_failed', { reason: 'x' }), { tenantId: 'ten_a' })
    expect(last()).toEqual({
      level: 'warn',
      event: 'security.auth_failed',
      tenantId: 'ten_a',
      reason: 'x',
    })
    logSecurityEvent(securityEvent('config_changed', {}, 'info'), {})
    expect(lines.at(-1)?.level).toBe('info')
  })
})
