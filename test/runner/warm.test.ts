/**
 * A container that is used again by its holder: quick, and to a command nothing but a new one with the
 * same files. And one that waits, made ahead: whose it becomes it stays.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecRequest } from '../../src/isolation/contract.ts'
import {
  type Caller,
  containersOf,
  engine,
  ensureImage,
  job,
  missingEngine,
  postExec,
  type Ran,
  type RunnerProcess,
  run,
  send,
  startRunner,
} from './runner-process.ts'
import { entry, type Files, jobOn, runWithFiles } from './with-files.ts'

const missing = await missingEngine()

/** Its file system's number and when its first process began: tells one container from another. */
const IDENTITY = `echo $(stat -c %d /workspace) $(cut -d' ' -f22 /proc/1/stat)`
let serial = 0
/** Each case is a conversation of its own. */
const newSession = (): string => `agent:main:ws:direct:warm-${++serial}`

describe.skipIf(missing !== null)('a container used again', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner({ env: { EDGECLAW_RUNNER_KEEP: '20' } })
  })
  afterAll(() => runner?.stop())

  const at = (request: ExecRequest, caller: Caller, files: Files = {}): Promise<Ran> =>
    runWithFiles(runner, request, files, caller)
  const identity = async (caller: Caller, request = job(IDENTITY)): Promise<string> => {
    const { stdout, exit } = await at(request, caller)
    expect(exit).toMatchObject({ code: 0 })
    return stdout
  }

  it('is the session’s next one, and nobody else’s', async () => {
    const session = newSession()
    const first = await identity({ session })
    expect(await identity({ session })).toBe(first)
    expect(await identity({ session: newSession() })).not.toBe(first)
    expect(await identity({ session, tenant: 'ten_b' })).not.toBe(first)
    expect(await identity({ session }, job(IDENTITY, { holder: 'main/other' }))).not.toBe(first)
    expect(await identity({ session })).toBe(first)
  })

  it.each(['agent', 'shared'] as const)(
    'is every session’s of its holder under scope %s',
    async (scope) => {
      const request = (holder: string) => job(IDENTITY, { holder, profile: { scope } })
      const first = await identity({ session: newSession() }, request(`${scope}/a`))
      expect(await identity({ session: newSession() }, request(`${scope}/a`))).toBe(first)
      expect(await identity({ session: newSession() }, request(`${scope}/b`))).not.toBe(first)
      const tenant = 'ten_b'
      expect(await identity({ session: newSession(), tenant }, request(`${scope}/a`))).not.toBe(
        first,
      )
    },
  )

  it('is not for a job with other limits, nor for one that must be alone', async () => {
    const session = newSession()
    const first = await identity({ session })
    const limits = { memoryMb: 64, cpus: 1, pids: 64, timeoutMs: 30_000, outputBytes: 65_536 }
    expect(await identity({ session }, job(IDENTITY, { profile: { limits } }))).not.toBe(first)
    const alone = () => job(IDENTITY, { profile: { isOneShot: true } })
    const once = await identity({ session }, alone())
    expect(once).not.toBe(first)
    expect(await identity({ session }, alone())).not.toBe(once)
    expect(await identity({ session })).toBe(first)
  })

  it('is left aside while it is busy', async () => {
    const session = newSession()
    const first = await identity({ session })
    const long = job(`${IDENTITY}; sleep 1`)
    const busy = at(long, { session })
    await expect
      .poll(() =>
        runner
          .logs()
          .some(({ event, execId }) => event === 'exec_started' && execId === long.execId),
      )
      .toBe(true)
    const others = await Promise.all([identity({ session }), identity({ session })])
    expect(new Set([...others, (await busy).stdout]).size).toBe(3)
    expect([...others, (await busy).stdout]).toContain(first)
  })

  it('holds the files of the job before, and says what changes from there', async () => {
    const session = newSession()
    const before = { 'a.txt': 'one', 'dir/b.txt': 'b', 'gone.txt': 'gone' }
    const first = await at(
      jobOn(`${IDENTITY}; printf two > a.txt; rm gone.txt; printf n > new`, before),
      { session },
      before,
    )
    expect(first.changes).toMatchObject({ delete: ['gone.txt'] })
    const after = { 'a.txt': 'two', 'dir/b.txt': 'b', new: 'n' }
    const second = await at(
      jobOn(`${IDENTITY}; cat a.txt new; printf three > a.txt`, after),
      { session },
      after,
    )
    expect(second.stdout).toBe(`${first.stdout}twon`)
    expect(second.changes).toMatchObject({ put: [entry('a.txt', 'three')], delete: [] })
    // Nothing but the change travels: the runner holds the rest, and asks for nothing.
    expect(second.events.filter(({ event }) => event === 'need')).toEqual([])
  })

  it('takes over what the workspace became meanwhile, whatever stood there', async () => {
    const session = newSession()
    const before = { same: 's', changed: '1', 'was/a/folder': 'x', file: 'f', 'deep/er/gone': 'g' }
    const first = await at(jobOn(IDENTITY, before), { session }, before)
    const after = { same: 's', changed: '2', was: 'a file', 'file/below': 'f', added: 'a' }
    const script = `${IDENTITY}; find . -mindepth 1 | sort | tr '\\n' ' '; cat changed was file/below added`
    const second = await at(jobOn(script, after), { session }, after)
    expect(second.stdout).toBe(
      `${first.stdout}./added ./changed ./file ./file/below ./same ./was 2a filefa`,
    )
    expect(second.changes).toMatchObject({ put: [], delete: [] })
  })

  it('keeps nothing that is no file of the workspace', async () => {
    const session = newSession()
    const mess = `${IDENTITY}; mkdir -p empty/deeper full; printf f > full/f; chmod 700 full
      ln -s /etc/passwd link; ln -s full linked; mkfifo pipe; touch /tmp/t /var/tmp/t /run/t
      mkdir -p /tmp/locked/in && chmod 000 /tmp/locked; exec 7<>pipe; (setsid sleep 300 &)
      trap '' TERM`
    const first = await at(jobOn(mess, {}), { session })
    expect(first.changes).toMatchObject({ put: [entry('full/f', 'f')], notKept: 3 })
    const files = { 'full/f': 'f' }
    const look = `${IDENTITY}; find . /tmp /var/tmp /run -mindepth 1 -printf '%p %y %m;'
      grep -c . /proc/sysvipc/shm; cat /proc/[0-9]*/comm | grep -c sleep; umask; ls /proc/self/fd | wc -l`
    const second = await at(jobOn(look, files), { session }, files)
    const fresh = await at(jobOn(look, files), { session: newSession() }, files)
    const [id, ...rest] = second.stdout.split('\n')
    expect(`${id}\n`).toBe(first.stdout)
    expect(rest).toEqual(fresh.stdout.split('\n').slice(1))
    expect(rest[0]).toBe('./full d 755;./full/f f 644;1')
    // The only sleep is the container's own.
    expect(rest[1]).toBe('1')
  })

  it.each([
    ['two names of one file', 'echo x > a; ln a b'],
    [
      'a shared memory segment',
      'python3 -c "import ctypes; ctypes.CDLL(None).shmget(7, 4096, 0o1666)"',
    ],
    ['a message queue', 'touch /dev/mqueue/left'],
    [
      'a connection, whose port is not free yet',
      `python3 - <<'END'
import socket
listening = socket.create_server(('127.0.0.1', 8080))
calling = socket.create_connection(('127.0.0.1', 8080))
listening.accept()[0].close()
calling.close()
END`,
    ],
    [
      'an access list that a folder hands down',
      `python3 - <<'END'
import os, struct
entries = [(1, 4), (4, 0), (32, 0)]
data = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry, 0xffffffff) for entry in entries)
os.setxattr('/workspace', 'system.posix_acl_default', data)
END`,
    ],
    [
      'a label on a file',
      `echo x > a; python3 -c 'import os; os.setxattr("a", "user.left", b"x")'`,
    ],
    ['a command killed for its memory', 'python3 -c "held = [bytes([1]) * (2 << 30)]"'],
    ['a command that ran out of time', 'sleep 30'],
    ['a supervisor killed by its job', 'kill -9 -1'],
    ['a supervisor stopped by its job', 'kill -STOP -1'],
  ])('is not used again after %s', async (_what, script) => {
    const session = newSession()
    const first = await identity({ session })
    const limits = { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 1_000, outputBytes: 65_536 }
    const files = {}
    const bad = jobOn(script, files)
    await at(
      { ...job(script, { profile: { access: 'rw', limits } }), workspace: bad.workspace },
      { session },
    )
    expect(await identity({ session })).not.toBe(first)
  })

  it('sees 1,000 writes in the tick in which the job before wrote the same files', async () => {
    const session = newSession()
    const write = (text: string) => `python3 - <<'END'
for i in range(1000):
    with open(f'{i}', 'w') as f: f.write('${text}')
END`
    const filesOf = (text: string) =>
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${i}`, text]))
    await at(jobOn(write('one'), {}), { session })
    for (const [before, after] of [
      ['one', 'two'],
      ['two', 'six'],
    ] as const) {
      const ran = await at(jobOn(write(after), filesOf(before)), { session }, filesOf(before))
      expect(ran.changes?.put.length).toBe(1_000)
    }
  })

  it.each([
    ['as it is', 'true'],
    ['in a folder of another name meanwhile', 'mv dir away'],
    ['where nobody counts any more who closes what', 'for i in {1..20000}; do : > b; done'],
  ])('sees what is written through a shared mapping, %s', async (_how, meanwhile) => {
    const session = newSession()
    const files = { 'dir/a': 'before', b: '' }
    const script = `${IDENTITY}; ${meanwhile}; [ -d away ] || ln -s dir away; python3 - <<'END'
import mmap, os
file = os.open('away/a', os.O_RDWR)
mapped = mmap.mmap(file, 6, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
mapped[0]  # Read first, the page is writable without another fault.
mapped[0:6] = b'mapped'
END
[ -L away ] && rm away || mv away dir`
    const first = await at(jobOn(script, files), { session }, files)
    expect(first.changes).toEqual({
      event: 'changes',
      put: [entry('dir/a', 'mapped')],
      delete: [],
      notKept: 0,
    })
    // Had the gateway not kept the change, the next job would not find it.
    const second = await at(jobOn(`${IDENTITY}; cat dir/a`, files), { session }, files)
    expect(second.stdout).toBe(`${first.stdout}before`)
  })

  it('lends its workspace’s own mode to nobody', async () => {
    const session = newSession()
    const first = await at(job(`${IDENTITY}; chmod 3500 /workspace`), { session })
    const files = { a: 'of a' }
    const second = await at(
      jobOn(`${IDENTITY}; stat -c %a .; cat a`, files, 'ro'),
      { session },
      files,
    )
    expect(second.error).toBeNull()
    expect(second.stdout.startsWith(first.stdout)).toBe(true)
    expect((await at(job('stat -c %a .'), { session })).stdout).toBe('700\n')
  })

  it('keeps the order in which files were written, which make goes by', async () => {
    const session = newSession()
    await at(jobOn('echo 1 > src; sleep 1.1; cp src out', {}), { session })
    const built = { src: '1\n', out: '1\n' }
    const look = '[ src -nt out ] && echo rebuild || echo up to date'
    const first = await at(jobOn(`${look}; sleep 1.1; echo 2 > src`, built), { session }, built)
    expect(first.stdout).toBe('up to date\n')
    const edited = { src: '2\n', out: '1\n' }
    expect((await at(jobOn(look, edited), { session }, edited)).stdout).toBe('rebuild\n')
    // What the gateway writes is newer, too.
    const later = { src: '2\n', out: '3\n' }
    const touched = await at(jobOn('[ out -nt src ] && echo newer', later), { session }, later)
    expect(touched.stdout).toBe('newer\n')
  })

  it('shows a job without a workspace none, and gives one that may only read all of it each time', async () => {
    const session = newSession()
    const files = { a: 'of a', b: 'of b' }
    const first = await at(jobOn(IDENTITY, files), { session }, files)
    const none = await at(job(`${IDENTITY}; ls; echo x > left`), { session })
    expect(none.stdout).toBe(first.stdout)
    const read = `${IDENTITY}; cat a b; ls; chmod u+w a; echo spoilt > a; rm b`
    for (let i = 0; i < 2; i += 1) {
      const ran = await at(jobOn(read, files, 'ro'), { session }, files)
      expect(ran.stdout).toBe(`${first.stdout}of aof ba\nb\n`)
    }
    expect((await at(jobOn('cat a b', files), { session }, files)).stdout).toBe('of aof b')
  })

  it('is replaced when somebody takes it away', async () => {
    const session = newSession()
    const files = { a: 'of a' }
    const first = await at(jobOn(IDENTITY, files), { session }, files)
    for (const { Id } of await containersOf(runner)) await engine.removeContainer(Id)
    const second = await at(jobOn(`${IDENTITY}; cat a`, files), { session }, files)
    expect(second.stdout).not.toContain(first.stdout)
    expect(second.stdout).toMatch(/of a$/)
  })

  it('is safe from a second runner on the same folder, which does not start', async () => {
    const session = newSession()
    const first = await identity({ session })
    const { state, endpoint } = runner
    await expect(startRunner({ state, keyId: endpoint.keyId })).rejects.toThrow('another one uses')
    expect(await identity({ session })).toBe(first)
  })

  it('of a runner that ends is gone with it', async () => {
    const own = await startRunner({ env: { EDGECLAW_RUNNER_POOL: '2' } })
    await run(own, job('true'))
    await expect.poll(async () => (await containersOf(own)).length).toBe(3)
    await own.stop()
    expect(await containersOf(own)).toEqual([])
  })
})

describe.skipIf(missing !== null)('containers made ahead', () => {
  let runner: RunnerProcess
  const count = async () => (await containersOf(runner)).length
  beforeAll(async () => {
    ensureImage()
    const env = {
      EDGECLAW_RUNNER_POOL: '2',
      EDGECLAW_RUNNER_KEEP: '0',
      EDGECLAW_RUNNER_MAX_EXECS: '6',
    }
    runner = await startRunner({ env })
  })
  afterAll(() => runner?.stop())

  it('carry the flags, the profile’s hash and nobody’s name', async () => {
    await expect.poll(count, { timeout: 5_000 }).toBe(2)
    const [found] = await containersOf(runner)
    const ours = Object.keys(found?.Labels ?? {}).filter(
      (name) => !name.startsWith('edgeclaw.image'),
    )
    expect(ours.sort()).toEqual(['edgeclaw.launcher', 'edgeclaw.profile', 'edgeclaw.runner'])
  })

  it('are given away once, and made anew', async () => {
    const ids = async () => (await containersOf(runner)).map(({ Id }) => Id).sort()
    const before = await ids()
    const seen = await Promise.all(
      ['a', 'b'].map((name) => run(runner, job(IDENTITY), { session: name })),
    )
    expect(new Set(seen.map(({ stdout }) => stdout)).size).toBe(2)
    await expect
      .poll(async () => (await ids()).filter((id) => !before.includes(id)).length, {
        timeout: 10_000,
      })
      .toBe(2)
    await expect.poll(count, { timeout: 5_000 }).toBe(2)
  })

  it('are replaced when they are lost while they wait', async () => {
    for (const { Id } of await containersOf(runner)) await engine.removeContainer(Id)
    expect((await run(runner, job('echo well'))).stdout).toBe('well\n')
    await expect.poll(count, { timeout: 10_000 }).toBe(2)
  })

  it('leave room for whoever has none, whatever another tenant floods', async () => {
    const tenant = 'ten_flood'
    const asked = Array.from({ length: 12 }, () => job('sleep 4'))
    const flood = Promise.all(asked.map((request) => postExec(runner, request, { tenant })))
    const answers = await flood
    const refused = answers.filter(({ status }) => status === 429)
    // Four of six: as many as twice those that stay free.
    expect(refused.length).toBe(8)
    expect(await refused[0]?.clone().json()).toMatchObject({
      error: { code: 'CAPACITY', retryAfterMs: expect.any(Number) },
    })
    for (let i = 0; i < 3; i += 1) {
      const { exit } = await run(runner, job('true'), { tenant: 'ten_b', session: newSession() })
      expect(exit).toMatchObject({ code: 0 })
    }
    for (const { execId } of asked)
      await send(runner, 'DELETE', `/v1/exec/${execId}`, execId, undefined, { tenant })
    await Promise.all(answers.map((answer) => (answer.bodyUsed ? null : answer.text())))
    expect((await run(runner, job('echo again'), { tenant })).stdout).toBe('again\n')
  })
})
