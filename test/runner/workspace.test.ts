/** Files into the container and out of it, spoken by hand; and one tenant's beside another's. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecRequest, WireManifestEntry } from '../../src/isolation/contract.ts'
import {
  type Caller,
  containersOf,
  ensureImage,
  job,
  missingEngine,
  parseEvents,
  postExec,
  type Ran,
  type RunnerProcess,
  run,
  send,
  sha256,
  startRunner,
  summarise,
} from './runner-process.ts'
import { entry, type Files, jobOn, manifestOf, runWithFiles } from './with-files.ts'

const missing = await missingEngine()

describe.skipIf(missing !== null)('a workspace in the sandbox', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const runWith = (request: ExecRequest, files: Files, caller: Caller = {}): Promise<Ran> =>
    runWithFiles(runner, request, files, caller)

  const needs = ({ events }: Ran) => events.filter(({ event }) => event === 'need').length

  it('holds the files with their modes, and says what changed', async () => {
    const files = { 'a.txt': 'one', 'dir/b.sh': 'echo b', 'gone.txt': 'gone', 'same.txt': 'same' }
    const script = `cat a.txt; printf two > a.txt; chmod 755 dir/b.sh; rm gone.txt; touch same.txt
      mkdir -p new/deep; printf new > 'new/deep/é ü.txt'; ln -s a.txt link; mkfifo pipe`
    const ran = await runWith(jobOn(script, files), files)
    expect(ran).toMatchObject({ stdout: 'one', stderr: '', exit: { code: 0 } })
    const changes = ran.changes
    expect(changes?.put.toSorted((x, y) => (x.path < y.path ? -1 : 1))).toEqual([
      entry('a.txt', 'two'),
      entry('dir/b.sh', 'echo b', 0o755),
      entry('new/deep/é ü.txt', 'new'),
    ])
    expect(changes?.delete).toEqual(['gone.txt'])
    expect(changes?.notKept).toBe(2)
    const blob = await send(runner, 'GET', `/v1/blobs/${sha256('two')}`, 'any')
    expect(await blob.text()).toBe('two')
  })

  it('asks for a manifest it does not know, then for missing blobs only, then for nothing', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`f${i}`, `content ${i % 250}`]),
    )
    const root = sha256('root of 300')
    const request = () =>
      job('ls | wc -l', { profile: { access: 'rw' }, workspace: { id: 'w300', root } })
    const first = await runWith(request(), files)
    expect(first.stdout.trim()).toBe('300')
    expect(first.events.slice(0, 2)).toMatchObject([
      { event: 'need', manifest: true },
      { event: 'need', manifest: false },
    ])
    expect(needs(await runWith(request(), files))).toBe(0)
    const changed = { ...files, f0: 'changed' }
    const second = job('cat f0', {
      profile: { access: 'rw' },
      workspace: {
        id: 'w300',
        root: sha256('next root'),
        base: root,
        delta: { put: [entry('f0', 'changed')], delete: ['f1'] },
      },
    })
    const ran = await runWith(second, changed)
    expect(ran.stdout).toBe('changed')
    expect(ran.events[0]).toEqual({ event: 'need', manifest: false, sha256: [sha256('changed')] })
  })

  it('sees 1,000 quick writes of the same size as changes, and nothing else', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`q/${i}`, `old ${String(i).padStart(4, '0')}`]),
    )
    const still = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`still/${i}`, 'x']))
    const script = `python3 - <<'END'
for i in range(1000):
    with open(f'q/{i}', 'r+') as f: f.write('new')
END`
    const all = { ...files, ...still }
    const ran = await runWith(jobOn(script, all), all)
    expect(ran.stderr).toBe('')
    expect(ran.changes?.put.length).toBe(1_000)
    expect(ran.changes?.put.every(({ path }) => path.startsWith('q/'))).toBe(true)
    expect(ran.changes?.delete).toEqual([])
  })

  it.each([
    ['one instant of now', 'time.time_ns() // 4_000_000 * 4_000_000'],
    ['the instant that placed files carry', "os.stat('still/0').st_mtime_ns"],
  ])('sees 1,000 writes that all carry %s', async (_what, instant) => {
    const files = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`q/${i}`, `old ${String(i).padStart(4, '0')}`]),
    )
    const all = { ...files, 'still/0': 'x' }
    const script = `python3 - <<'END'
import os, time
instant = ${instant}
for i in range(1000):
    fd = os.open(f'q/{i}', os.O_WRONLY)
    os.write(fd, b'new')
    os.utime(fd, ns=(instant, instant))
print(len({os.stat(f'q/{i}').st_mtime_ns for i in range(1000)}))
END`
    const ran = await runWith(jobOn(script, all), all)
    expect(ran).toMatchObject({ stdout: '1\n', stderr: '' })
    expect(ran.changes?.put.length).toBe(1_000)
    expect(ran.changes?.put.every(({ path }) => path.startsWith('q/'))).toBe(true)
  })

  it('sees changes that keep the old time', async () => {
    const files = { a: 'aaa', b: 'bbb', c: 'ccc', d: 'ddd' }
    const script = 'mv a b; printf xxx > new; touch -r c new; cat new > c; touch -r d c; cp -p d e'
    const ran = await runWith(jobOn(script, files), files)
    expect(ran.changes?.put.map(({ path }) => path).sort()).toEqual(['b', 'c', 'e', 'new'])
    expect(ran.changes?.delete).toEqual(['a'])
  })

  it.each([
    '000',
    // Its names can be read, and nothing else of them.
    '600',
  ])('reads what was locked away with %s, and keeps it readable for its owner', async (mode) => {
    const ran = await runWith(
      jobOn(
        `mkdir d; printf x > d/f; chmod 000 d/f; chmod ${mode} d; printf y > g; chmod 400 g`,
        {},
      ),
      {},
    )
    expect(ran.changes?.put).toEqual([entry('d/f', 'x', 0o600), entry('g', 'y', 0o600)])
  })

  it('takes nothing out under ro, and lets writes fail', async () => {
    const files = { 'dir/a.txt': 'one' }
    const ran = await runWith(
      jobOn('echo x > dir/a.txt; echo y > n; cat dir/a.txt', files, 'ro'),
      files,
    )
    expect(ran).toMatchObject({ stdout: 'one', changes: null })
    expect(ran.stderr).toContain('Permission denied')
  })

  it('keeps changes of a command that timed out', async () => {
    const request = jobOn('printf x > f; sleep 60', {})
    const limits = { ...request.profile.limits, timeoutMs: 500 }
    const timed = job('printf x > f; sleep 60', {
      profile: { access: 'rw', limits },
      workspace: { id: 'w1', root: 'r', manifest: [] },
    })
    const ran = await runWith(timed, {})
    expect(ran.exit).toMatchObject({ timedOut: true })
    expect(ran.changes?.put).toEqual([entry('f', 'x')])
  })

  it.each([
    ['a file beyond 10 MB', 'head -c 10485761 /dev/zero > big', 'WORKSPACE_TOO_LARGE', 'big'],
    ['a sparse file', 'truncate -s 200M sparse', 'WORKSPACE_TOO_LARGE', 'sparse'],
    ['too many files', 'for i in {1..10001}; do : > f$i; done', 'WORKSPACE_TOO_LARGE', '10000'],
    ['a backslash in a name', ": > 'a\\b'", 'CHANGES_REJECTED', 'cannot hold'],
    ['a newline in a name', ": > $'a\\nb'", 'CHANGES_REJECTED', 'cannot hold'],
    ['a name that is no UTF-8', ": > $'a\\xffb'", 'CHANGES_REJECTED', 'cannot hold'],
    [
      'a path that is too long',
      'for i in {1..8}; do mkdir d$(printf %0200d $i); cd d*; done; : > f',
      'CHANGES_REJECTED',
      'cannot hold',
    ],
  ])('rejects %s, saying so', async (_what, script, code, words) => {
    const ran = await runWith(jobOn(script, {}), {})
    expect(ran.error).toMatchObject({ code })
    expect(ran.error?.message).toContain(words)
    expect(ran.changes).toBeNull()
  })

  it('allows a file of exactly 10 MB and hard links, as separate files', async () => {
    const ran = await runWith(jobOn('head -c 10485760 /dev/zero > big; echo x > a; ln a b', {}), {})
    expect(ran.changes?.put.map(({ path, size }) => [path, size])).toEqual([
      ['a', 2],
      ['b', 2],
      ['big', 10_485_760],
    ])
  })

  it('survives a full workspace and full temporary files', async () => {
    const script =
      'head -c 300M /dev/zero > full; head -c 99M /dev/zero > /tmp/full; rm full; printf x > ok'
    const ran = await runWith(jobOn(script, {}), {})
    expect(ran.stderr).toContain('No space left')
    expect(ran.changes?.put).toEqual([entry('ok', 'x')])
  })

  it.each([
    ['a path that climbs', [{ ...entry('a', 'x'), path: '../a' }]],
    ['an absolute path', [{ ...entry('a', 'x'), path: '/a' }]],
    ['a repeated path', [entry('a', 'x'), entry('a', 'y')]],
    ['a file below a file', [entry('a', 'x'), entry('a/b', 'y')]],
    ['a file that is too large', [{ ...entry('a', 'x'), size: 10_485_761 }]],
  ])('rejects a manifest with %s', async (_what, manifest) => {
    const request = job('true', {
      profile: { access: 'rw' },
      workspace: { id: 'w', root: 'bad', manifest },
    })
    const response = await postExec(runner, request)
    const text = await response.text()
    expect(text).toContain('INVALID_JOB')
  })

  it('rejects a blob that is not what its name says', async () => {
    const files = { a: 'right' }
    const request = jobOn('cat a', files, 'rw', 'w-blob')
    const response = await postExec(runner, request)
    const put = (body: string, hash = sha256('right')) =>
      send(runner, 'PUT', `/v1/blobs/${hash}`, request.execId, body)
    expect((await put('wrong')).status).toBe(401)
    const signed = { signed: { body: 'right' } }
    const path = `/v1/blobs/${sha256('right')}`
    expect((await send(runner, 'PUT', path, request.execId, 'wrong', signed)).status).toBe(401)
    expect((await put('unasked', sha256('unasked'))).status).toBe(404)
    expect((await put('right')).status).toBe(204)
    expect(summarise(parseEvents(await response.text())).stdout).toBe('right')
  })

  it('shows another tenant neither blobs nor execs', async () => {
    const files = { secret: 'of tenant a' }
    const request = jobOn('printf "made by a" > made', files)
    await runWith(request, files)
    const b = { tenant: 'ten_b' }
    for (const content of ['of tenant a', 'made by a']) {
      const path = `/v1/blobs/${sha256(content)}`
      expect((await send(runner, 'GET', path, 'x', undefined, b)).status).toBe(404)
      expect((await send(runner, 'GET', path, 'x')).status).toBe(200)
    }
    const path = `/v1/exec/${request.execId}`
    expect((await send(runner, 'GET', path, request.execId, undefined, b)).status).toBe(404)
    const session = { session: 'agent:main:ws:direct:other' }
    expect((await send(runner, 'GET', path, request.execId, undefined, session)).status).toBe(404)
    expect((await send(runner, 'GET', path, request.execId)).status).toBe(200)
    // B's own job with the same id, workspace and files is asked for everything anew, and runs.
    const same = await runWith({ ...request, command: { kind: 'script', script: 'ls' } }, files, b)
    expect(same.events[0]).toMatchObject({ event: 'need', sha256: [sha256('of tenant a')] })
    expect(same.stdout).toBe('secret\n')
  })

  it('keeps manifests of tenants apart', async () => {
    const root = sha256('shared root name')
    const files = { mine: 'a' }
    const of = (manifest?: WireManifestEntry[]) =>
      job('ls', {
        profile: { access: 'rw' },
        workspace: { id: 'same', root, ...(manifest === undefined ? {} : { manifest }) },
      })
    await runWith(of(manifestOf(files)), files)
    const ran = await runWith(of(), { other: 'b' }, { tenant: 'ten_b' })
    expect(ran.events[0]).toMatchObject({ event: 'need', manifest: true })
    expect(ran.stdout).toBe('other\n')
  })

  it('runs 20 at once, each in its own files', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const files = { n: String(i) }
        return runWith(jobOn('cat n; ls | wc -l', files, 'rw', `w-${i}`), files)
      }),
    )
    expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}1\n`))
  })

  it('answers a job that a killed runner had started with an unknown outcome, and reaps', async () => {
    const keyId = 'runner-restarted'
    const first = await startRunner({ keyId, state: runner.state.concat('-restart') })
    const request = job('sleep 30')
    const response = await postExec(first, request)
    await response.body?.getReader().read()
    const running = async () => (await containersOf(first)).length
    expect(await running()).toBe(1)
    await first.stop('SIGKILL')
    const second = await startRunner({ keyId, state: first.state })
    try {
      await expect.poll(running).toBe(0)
      // Same installation, another signing key: only the journal connects the two.
      const again = await postExec(second, request)
      expect(again.status).toBe(410)
      expect(await again.json()).toMatchObject({ error: { code: 'OUTCOME_UNKNOWN' } })
      expect((await run(second, job('echo well'))).stdout).toBe('well\n')
    } finally {
      await second.stop()
      rmSync(first.state, { recursive: true, force: true })
    }
  })
})
