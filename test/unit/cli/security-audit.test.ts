import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { askHttp } from '../../../src/cli/ask-http.ts'
import { parseReport, reportText } from '../../../src/cli/security-report.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const plain = paletteFor({})
const finding = (severity: string, checkId: string, detail = 'what was found') => ({
  checkId,
  severity,
  title: `title of ${checkId}`,
  detail,
  remediation: 'what to do',
  autoFix: false,
})

describe('the report of the security audit', () => {
  it('shows the worst first, with what to do, and counts', () => {
    const report = parseReport({
      ts: '2026-11-26T00:00:00Z',
      summary: { critical: 1, warn: 1, info: 0 },
      findings: [finding('warn', 'b.small'), finding('critical', 'a.bad')],
      suppressed: ['c.known'],
      fixed: ['d.mended'],
    })
    expect(reportText(report, plain, 80)).toBe(`✗ title of a.bad a.bad
    what was found
    → what to do
! title of b.small b.small
    what was found
    → what to do
suppressed: c.known
mended: d.mended
1 critical, 1 to look at, 0 to know
`)
  })

  it('wraps long words to the terminal and makes them harmless', () => {
    const detail = `${'word '.repeat(40)}\u001b[2J`
    const report = parseReport({ ts: '', findings: [finding('info', 'a.b', detail)] })
    const text = reportText(report, plain, 60)
    expect(text).not.toContain('\u001b')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  it.each([null, {}, { ts: '', findings: null }, { ts: '', findings: [{ severity: 'fine' }] }])(
    'is not taken from %j',
    (answer) => {
      expect(() => parseReport(answer)).toThrow('is no report')
    },
  )
})

describe('a question over HTTP', () => {
  let server: Server | null = null
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
    server = null
  })
  const serving = async (listener?: RequestListener) => {
    const listening = createServer(listener)
    server = listening
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    return new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/`)
  }

  it('is answered though the body was not read to its end', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(413, { connection: 'close' }).end('{}')
    })
    const answer = await askHttp(url, { method: 'POST', body: 'x'.repeat(2_000_000) })
    expect(answer.status).toBe(413)
  })

  it('follows no redirect, and takes its headers as they are', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    })
    expect(await askHttp(url)).toMatchObject({
      status: 302,
      headers: { location: 'http://127.0.0.1:1/' },
    })
  })

  it('tells an upgrade as 101', async () => {
    const url = await serving()
    server?.on('upgrade', (_request, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      )
    })
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    expect((await askHttp(url, { headers })).status).toBe(101)
  })

  it('fails where nobody answers, in time', async () => {
    await expect(askHttp(new URL('http://127.0.0.1:1/'))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    const url = await serving(() => undefined)
    await expect(askHttp(url, { timeoutMs: 20 })).rejects.toThrow()
  })

  it('reads no more than it must of an endless answer', async () => {
    const url = await serving((_request, response) => response.end('x'.repeat(1_000_000)))
    expect((await askHttp(url)).text.length).toBeLessThan(300_000)
  })
})
