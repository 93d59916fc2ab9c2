import { describe, expect, it } from 'vitest'
import { listWhole } from '../../../src/cli/approvals.ts'
import { RefusedError } from '../../../src/cli/client.ts'

const row = (id: string, more = {}) => ({
  id,
  command: 'ls',
  tool: 'exec',
  agentId: 'default',
  expiresAt: '2026-11-26T10:00:00.000Z',
  ...more,
})

describe('the calls that wait, on the terminal', () => {
  it('are those of every page, each whole', async () => {
    const { pending, total } = await listWhole(async (method, params) => {
      if (method === 'exec.approval.get') {
        return { approval: row(String(params['id']), { command: 'ls; rm b', isCut: false }) }
      }
      return params['cursor'] === 'second'
        ? { pending: [row('apr_2', { isCut: true })], total: 2, next: null }
        : { pending: [row('apr_1', { isCut: false })], total: 2, next: 'second' }
    })
    expect(pending?.map(({ id, command }) => [id, command])).toEqual([
      ['apr_1', 'ls'],
      ['apr_2', 'ls; rm b'],
    ])
    expect(total).toBe(2)
  })

  it('are marked as cut where the whole is not had any more', async () => {
    const { pending } = await listWhole(async (method) => {
      if (method === 'exec.approval.list') return { pending: [row('apr_1', { isCut: true })] }
      throw new RefusedError({ code: 'NOT_FOUND', message: 'there is no such approval' })
    })
    expect(pending).toMatchObject([{ id: 'apr_1', isCut: true }])
  })

  it('end where nobody reads on, and more are counted', async () => {
    let pages = 0
    const { pending, total } = await listWhole(async () => {
      pages += 1
      const rows = Array.from({ length: 50 }, (_, i) => row(`apr_${pages}_${i}`))
      return { pending: rows, total: 9_999, next: 'on' }
    })
    expect([pending?.length, total, pages]).toEqual([200, 9_999, 4])
  })
})
