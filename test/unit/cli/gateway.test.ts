import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processesWith } from '../../../src/cli/processes.ts'
import { type Gateway, startGateway } from '../../../src/cli/start/gateway.ts'
import { claimPort } from '../../../src/cli/start/port.ts'

/** A Worker with the same kinds of bindings as ours, small enough to write here. */
const WORKER = `
  import { DurableObject } from 'cloudflare:workers'
  export class Counter extends DurableObject {
    async next() {
      const n = ((await this.ctx.storage.get('n')) ?? 0) + 1
      await this.ctx.storage.put('n', n)
      await this.ctx.storage.sync()
      return n
    }
  }
  export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url)
      if (pathname === '/next') {
        return Response.json(await env.COUNTERS.get(env.COUNTERS.idFromName('one')).next())
      }
      if (pathname === '/rows') {
        return Response.json((await env.DB.prepare('SELECT x FROM a').all()).results)
      }
      if (pathname === '/env') return Response.json({ platform: env.EDGECLAW_PLATFORM })
      return env.ASSETS.fetch(request)
    },
  }`

let dir = ''
let gateway: Gateway | null = null
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeclaw-gateway-'))
  const dist = join(dir, 'dist')
  mkdirSync(join(dist, 'worker'), { recursive: true })
  cpSync('src/dashboard/index.html', join(dist, 'dashboard/index.html'))
  writeFileSync(join(dist, 'worker', 'worker.js'), WORKER)
  writeFileSync(
    join(dist, 'miniflare.json'),
    JSON.stringify({
      compatibilityDate: '2026-10-01',
      bindings: { EDGECLAW_PLATFORM: 'cloudflare' },
      d1Databases: { DB: { id: 'DB' } },
      durableObjects: { COUNTERS: { className: 'Counter', useSQLite: true } },
      assets: {
        directory: 'dashboard',
        binding: 'ASSETS',
        run_worker_first: true,
        routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      },
    }),
  )
  writeFileSync(
    join(dist, 'build.json'),
    JSON.stringify({
      inputs: 'x',
      version: '1.2.3',
      modules: [{ type: 'ESModule', path: 'worker.js' }],
      migrations: [
        { name: '0000_a.sql', statements: ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (7)'] },
      ],
      crons: [],
    }),
  )
})
afterEach(async () => {
  await gateway?.stop()
  gateway = null
  rmSync(dir, { recursive: true, force: true })
})

async function open() {
  const port = await claimPort('127.0.0.1', 0)
  const pids: (number | null)[] = []
  const restarted = Promise.withResolvers<void>()
  gateway = await startGateway({
    dist: join(dir, 'dist'),
    dataDir: join(dir, 'data'),
    tempDir: join(dir, 'tmp'),
    workerdEnv: { EDGECLAW_MARK: dir },
    host: '127.0.0.1',
    port,
    bindings: { EDGECLAW_PLATFORM: 'local' },
    onLog: () => undefined,
    onWorkerPid: (pid) => {
      pids.push(pid)
      if (pids.length === 2) restarted.resolve()
    },
  })
  const get = (path: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path }, (response) => {
        let body = ''
        response.on('data', (bytes) => (body += String(bytes)))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
        .on('error', reject)
        .end()
    })
  return { get, pids, restarted: restarted.promise, port }
}

describe('startGateway', () => {
  it('serves the bundle with our bindings over its own, migrated, with its pages', async () => {
    const { get, pids } = await open()
    expect((await get('/env')).body).toBe('{"platform":"local"}')
    expect((await get('/rows')).body).toBe('[{"x":7}]')
    expect((await get('/')).body).toContain('<title>EdgeClaw</title>')
    expect(pids).toEqual([expect.any(Number)])
  })

  it("offers none of Miniflare's own doors", async () => {
    const { get } = await open()
    for (const path of ['/cdn-cgi/explorer', '/cdn-cgi/handler/scheduled', '/cdn-cgi/mf/reload']) {
      expect((await get(path)).status).toBe(404)
    }
  })

  it('keeps what was stored over a restart, and migrates once', async () => {
    expect((await (await open()).get('/next')).body).toBe('1')
    await gateway?.stop()
    const { get } = await open()
    expect((await get('/next')).body).toBe('2')
    expect((await get('/rows')).body).toBe('[{"x":7}]')
  })

  it('survives the death of workerd, tells its new process, and loses nothing', async () => {
    const { get, pids, restarted } = await open()
    expect((await get('/next')).body).toBe('1')
    process.kill(pids[0] ?? 0, 'SIGKILL')
    await restarted
    expect(pids[1]).not.toBe(pids[0])
    expect((await get('/next')).body).toBe('2')
  })

  it('keeps its temporary files where it was told, and removes what a killed one left', async () => {
    mkdirSync(join(dir, 'tmp', 'miniflare-left'), { recursive: true })
    const before = process.env['TMPDIR']
    await open()
    expect(readdirSync(join(dir, 'tmp'))).toEqual([expect.stringMatching(/^miniflare-(?!left)/)])
    expect(process.env['TMPDIR']).toBe(before)
  })

  it.skipIf(process.platform !== 'linux')('starts a workerd that can be known', async () => {
    const { pids, restarted } = await open()
    expect(processesWith(`EDGECLAW_MARK=${dir}`)).toEqual([pids[0]])
    process.kill(pids[0] ?? 0, 'SIGKILL')
    await restarted
    expect(processesWith(`EDGECLAW_MARK=${dir}`)).toEqual([pids[1]])
  })

  it('leaves the signals of the process to its host', async () => {
    const before = process.listeners('SIGTERM')
    await open()
    expect(process.listeners('SIGTERM')).toEqual(before)
  })

  it('frees its port when stopped', async () => {
    const { port } = await open()
    await expect(claimPort('127.0.0.1', port)).rejects.toThrow('already in use')
    await gateway?.stop()
    gateway = null
    expect(await claimPort('127.0.0.1', port)).toBe(port)
  })

  it('rejects a folder without a build', async () => {
    rmSync(join(dir, 'dist', 'build.json'))
    await expect(open()).rejects.toThrow('holds no complete build')
  })
})
