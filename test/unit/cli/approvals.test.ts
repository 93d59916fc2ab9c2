import { describe, expect, it } from 'vitest'
import type { WebSocket as ServerSocket } from 'ws'
import { approvals, listAll } from '../../../src/cli/approvals.ts'
import {
  flagsFor,
  openTerminal,
  type Request,
  refuse,
  respond,
  useFakeGateway,
} from './fake-gateway.ts'

const open = useFakeGateway()

const row = (id: string, more = {}) => ({
  id,
  command: 'ls',
  tool: 'exec',
  agentId: 'default',
  expiresAt: '2026-11-26T10:00:00.000Z',
  ...more,
})

describe('the calls that wait, on the terminal', () => {
  it('are those of every page, and ask for none by itself', async () => {
    const asked: string[] = []
    const { pending, total } = await listAll(async (method, params) => {
      asked.push(method)
      return params['cursor'] === 'second'
        ? { pending: [row('apr_2', { isCut: true })], total: 2, next: null }
        : { pending: [row('apr_1', { isCut: false })], total: 2, next: 'second' }
    })
    expect(pending).toMatchObject([
      { id: 'apr_1', isCut: false },
      { id: 'apr_2', isCut: true },
    ])
    expect(total).toBe(2)
    expect(asked).toEqual(['exec.approval.list', 'exec.approval.list'])
  })

  it('end where nobody reads on, and more are counted', async () => {
    let pages = 0
    const { pending, total } = await listAll(async () => {
      pages += 1
      const rows = Array.from({ length: 50 }, (_, i) => row(`apr_${pages}_${i}`))
      return { pending: rows, total: 9_999, next: 'on' }
    })
    expect([pending?.length, total, pages]).toEqual([200, 9_999, 4])
  })
})

describe('a call that is decided about', () => {
  const answer = (request: Request, socket: ServerSocket): void => {
    if (request.method === 'exec.approval.get' && request.params['id'] === 'apr_1')
      respond(socket, request, { approval: row('apr_1', { command: 'ls; rm -r /important' }) })
    else if (request.method === 'exec.approval.get')
      refuse(socket, request, 'NOT_FOUND', 'there is no such approval')
    else respond(socket, request, { ok: true })
  }
  const run = async (...words: readonly string[]) => {
    const { url, requests } = await open(answer)
    const terminal = openTerminal()
    await approvals([...words, ...flagsFor(url)], terminal)
    const asked = requests.map(({ method }) => method.replace('exec.approval.', ''))
    return { out: terminal.written.out, asked: asked.filter((method) => method !== 'connect') }
  }

  it('is shown whole above its approval', async () => {
    const { out, asked } = await run('approve', 'apr_1')
    expect(out).toMatch(/ls; rm -r \/important.*✓ approved apr_1/s)
    expect(asked).toEqual(['get', 'approve'])
  })

  it('is answered all the same where it cannot be shown', async () => {
    expect(await run('approve', 'apr_2')).toEqual({
      out: '✓ approved apr_2\n',
      asked: ['get', 'approve'],
    })
  })

  it('is not asked for to be denied, nor for a program', async () => {
    expect((await run('deny', 'apr_1')).asked).toEqual(['deny'])
    expect((await run('approve', 'apr_1', '--json')).asked).toEqual(['approve'])
  })
})
