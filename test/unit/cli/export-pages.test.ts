import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportAudit, exportTenant } from '../../../src/cli/export-pages.ts'
import { openIo } from './command-io.ts'
import { type Answer, flagsFor, GREETING, refuse, respond, useFakeGateway } from './fake-gateway.ts'

const open = useFakeGateway()
let folder: string
let out: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeclaw-export-'))
  out = join(folder, 'acme.ndjson')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const PAGES = [
  {
    records: [
      { kind: 'agent', name: 'a' },
      { kind: 'agent', name: 'ü' },
    ],
    next: 'p1',
  },
  { records: [{ kind: 'session' }], next: 'p2' },
  { records: [{ kind: 'file' }], next: null },
]
const WHOLE = PAGES.flatMap(({ records }) =>
  records.map((record) => `${JSON.stringify(record)}\n`),
).join('')
const pageAfter = (cursor: unknown) =>
  PAGES[cursor === undefined ? 0 : Number(String(cursor).slice(1))]
const cursorIn = (params: Readonly<Record<string, unknown>>) => params['cursor'] ?? params['after']

const whole: Answer = (request, socket) =>
  respond(socket, request, pageAfter(cursorIn(request.params)))
const breakingAt =
  (broken: string): Answer =>
  (request, socket) =>
    cursorIn(request.params) === broken
      ? refuse(socket, request, 'UNAVAILABLE', 'not now')
      : whole(request, socket, 1)

const run = async (url: string, ...args: readonly string[]) => {
  const io = openIo()
  const code = await exportTenant.run([...args, ...flagsFor(url)], io, '')
  return { code, ...io.written }
}

describe('edgeclaw export', () => {
  it('writes page after page to standard output, and tells of it beside', async () => {
    const { url, requests } = await open(whole)
    const { code, out: text, err } = await run(url)
    expect([code, text]).toEqual([0, WHOLE])
    expect(err).toContain('written')
    expect(requests.filter(({ method }) => method === 'tenants.export')).toHaveLength(3)
  })

  it('writes a file for its owner alone, and leaves nothing beside it', async () => {
    const { url } = await open(whole)
    expect((await run(url, '--out', out)).code).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe(WHOLE)
    expect((statSync(out).mode & 0o777).toString(8)).toBe('600')
    expect(existsSync(`${out}.progress`)).toBe(false)
  })

  it('goes on where it was interrupted, and doubles nothing', async () => {
    const first = await open(breakingAt('p2'))
    await expect(run(first.url, '--out', out)).rejects.toThrow('not now')
    // A page that was written while its note was not: it comes again.
    writeFileSync(out, `${readFileSync(out, 'utf8')}{"half":"${'x'.repeat(200)}`)
    const progress = JSON.parse(readFileSync(`${out}.progress`, 'utf8')) as { gateway: string }
    const second = await open(whole)
    writeFileSync(`${out}.progress`, JSON.stringify({ ...progress, gateway: second.url }))
    expect((await run(second.url, '--out', out, '--resume')).code).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe(WHOLE)
    expect(Object.values(second.requests[1]?.params ?? {})).toEqual(['p2'])
  })

  it.each([
    ['another gateway', { gateway: 'http://elsewhere' }],
    ['another tenant', { tenant: 'ten_other' }],
    ['another operation', { operation: 'audit.export' }],
    ['more than there is', { bytes: 9_999 }],
  ])('refuses to go on from %s', async (_, change) => {
    const { url } = await open(whole)
    writeFileSync(out, WHOLE)
    const note = {
      operation: 'tenants.export',
      gateway: url,
      tenant: GREETING.tenant_id,
      bytes: 5,
      next: 'p1',
    }
    writeFileSync(`${out}.progress`, JSON.stringify({ ...note, ...change }))
    await expect(run(url, '--out', out, '--resume')).rejects.toThrow('begin anew with --force')
    expect(readFileSync(out, 'utf8')).toBe(WHOLE)
  })

  it('waits where it asks too fast, and gives up where it would wait for ever', async () => {
    let isFirst = true
    const { url } = await open((request, socket) => {
      if (cursorIn(request.params) !== 'p1' || !isFirst) return whole(request, socket, 1)
      isFirst = false
      return refuse(socket, request, 'RESOURCE_EXHAUSTED', 'too fast', { retryAfterMs: 5 })
    })
    expect(await run(url)).toMatchObject({ code: 0, out: WHOLE })
    const shut = await open((request, socket) =>
      refuse(socket, request, 'RESOURCE_EXHAUSTED', 'too fast', { retryAfterMs: 3_600_000 }),
    )
    await expect(run(shut.url)).rejects.toThrow('too fast')
  })

  it('replaces no file unless told to', async () => {
    const { url } = await open(whole)
    writeFileSync(out, 'mine', { mode: 0o644 })
    await expect(run(url, '--out', out)).rejects.toThrow('is there already')
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect((await run(url, '--out', out, '--force')).code).toBe(0)
    expect((statSync(out).mode & 0o777).toString(8)).toBe('600')
  })

  it('refuses to resume what has no file, or was never begun', async () => {
    const { url } = await open(whole)
    await expect(run(url, '--resume')).rejects.toThrow('--out FILE')
    await expect(run(url, '--resume', '--out', out)).rejects.toThrow('nothing to go on from')
  })

  it('does not take an answer that is no page for the end', async () => {
    const { url } = await open((request, socket) => respond(socket, request, { records: 'none' }))
    await expect(run(url, '--out', out)).rejects.toThrow('is no page')
  })

  it('ends for a gateway that answers the same cursor for ever', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { records: [{}], next: 'p1' }),
    )
    await run(url)
    expect(requests.length).toBe(3)
  })
})

it('edgeclaw audit export keeps the lines as they were signed', async () => {
  const ndjson = '{"sequence":1,  "record":"{\\"a\\":1}"}\n'
  const { url, requests } = await open((request, socket) =>
    respond(socket, request, { ndjson, next: null, head: {} }),
  )
  const io = openIo()
  expect(await exportAudit.run(flagsFor(url), io, 'export')).toBe(0)
  expect(io.written.out).toBe(ndjson)
  expect(requests[1]?.method).toBe('audit.export')
})
