/** One command in one hardened container: what it sees, what it may, how it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  containersOf,
  engine,
  ensureImage,
  job,
  missingEngine,
  parseEvents,
  postExec,
  type RunnerProcess,
  run,
  send,
  startRunner,
  summarise,
} from './runner-process.ts'

const missing = await missingEngine()

describe.skipIf(missing !== null)('a command in the sandbox', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const limits = (changes: object) => ({
    profile: {
      limits: {
        memoryMb: 512,
        cpus: 1,
        pids: 128,
        timeoutMs: 30_000,
        outputBytes: 1_048_576,
        ...changes,
      },
    },
  })

  it('answers with output, code and nothing else', async () => {
    const ran = await run(runner, job('echo out; echo err >&2; exit 7'))
    expect(ran).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
      exit: { code: 7, signal: null, oom: false, timedOut: false },
      error: null,
      changes: null,
    })
    expect(ran.events[0]).toEqual({ event: 'started', root: null })
  })

  it('is non-root without passwd entry, capabilities or new privileges, under our filter', async () => {
    const { stdout } = await run(runner, job('id; getent passwd "$(id -u)"; cat /proc/self/status'))
    expect(stdout).toMatch(/^uid=([2-5]\d{4}) gid=\1 groups=\1\nName:/)
    expect(stdout).toMatch(/NoNewPrivs:\t1\n/)
    expect(stdout).toMatch(/Seccomp:\t2\n/)
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(stdout).toContain(`${set}:\t0000000000000000\n`)
    }
  })

  it('carries every flag of the specification on its container', async () => {
    const running = run(runner, job('sleep 2'))
    let found: unknown
    await expect
      .poll(async () => {
        ;[found] = await containersOf(runner)
        return found
      })
      .toBeDefined()
    const inspected = await engine.inspectContainer((found as { Id: string }).Id)
    expect(inspected).toMatchObject({
      Config: { Hostname: 'sandbox', User: expect.stringMatching(/^([2-5]\d{4}):\1$/) },
      HostConfig: {
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        NetworkMode: 'none',
        IpcMode: 'none',
        CgroupnsMode: 'private',
        PidMode: '',
        Privileged: false,
        Init: true,
        Memory: 841 * 1024 * 1024,
        MemorySwap: 841 * 1024 * 1024,
        NanoCpus: 1e9,
        PidsLimit: 134,
        Devices: [],
      },
      Mounts: [],
    })
    const { HostConfig } = inspected as {
      HostConfig: {
        SecurityOpt: string[]
        Tmpfs: Record<string, string>
        Ulimits: { Name: string; Hard: number }[]
        MaskedPaths: string[]
        ReadonlyPaths: string[]
      }
    }
    expect(HostConfig.SecurityOpt[0]).toBe('no-new-privileges:true')
    expect(HostConfig.SecurityOpt[1]).toMatch(/^seccomp=\{"defaultAction":"SCMP_ACT_ERRNO"/)
    expect(HostConfig.Tmpfs['/tmp']).toContain('nosuid,nodev,size=64m')
    expect(HostConfig.Tmpfs['/tmp']).toContain('noexec')
    expect(HostConfig.MaskedPaths).toContain('/proc/kcore')
    expect(HostConfig.ReadonlyPaths).toContain('/proc/sys')
    const ulimits = HostConfig.Ulimits.map(({ Name, Hard }) => `${Name}=${Hard}`)
    expect(ulimits.sort()).toEqual(['core=0', `fsize=${256 * 1024 * 1024}`, 'nofile=1024'])
    await running
  })

  it('has an environment of PATH, HOME, LANG and what the job carries', async () => {
    const { stdout } = await run(
      runner,
      job('cat /proc/$$/environ | tr "\\0" "\\n"', {
        env: { TOKEN: 'v=1' },
      }),
    )
    expect(stdout.trim().split('\n').sort()).toEqual([
      'HOME=/workspace',
      'LANG=C.UTF-8',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'TOKEN=v=1',
    ])
  })

  it('runs by bash alone: sh is bash, and no other shell is there', async () => {
    const script = 'echo "$BASH_VERSION"; sh -c \'echo "$BASH_VERSION"\'; command -v dash zsh ksh'
    const { stdout, exit } = await run(runner, job(script))
    const [first, second] = stdout.split('\n')
    expect(first).toMatch(/^5\./)
    expect(second).toBe(first)
    expect(exit?.code).toBe(1)
  })

  it('has the promised tools', async () => {
    const { exit, stderr } = await run(
      runner,
      job(
        'git --version && curl --version && jq -n 1 && rg --version && python3 -c "import defusedxml"',
      ),
    )
    expect({ code: exit?.code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    ['mounting', 'mount -t tmpfs none /mnt'],
    ['user namespaces', 'unshare -U true'],
    ['becoming root', 'python3 -c "import os; os.setuid(0)"'],
    ['device nodes', 'mknod /workspace/null c 1 3'],
    ['raw sockets', 'python3 -c "import socket; socket.socket(2, 3, 1)"'],
    ['packet sockets', 'python3 -c "import socket; socket.socket(17, 3)"'],
    ['vsock', 'python3 -c "import socket; socket.socket(40, 1)"'],
    [
      'keyrings',
      'python3 -c "import ctypes,sys; l=ctypes.CDLL(None,use_errno=True); sys.exit(l.syscall(250,0,0,0,0) < 0)"',
    ],
    [
      'ptrace',
      'python3 -c "import ctypes,sys; l=ctypes.CDLL(None,use_errno=True); sys.exit(l.ptrace(0,0,0,0) < 0)"',
    ],
    [
      'bpf',
      'python3 -c "import ctypes,sys; l=ctypes.CDLL(None,use_errno=True); sys.exit(l.syscall(321,0,0,0) < 0)"',
    ],
    [
      'io_uring',
      'python3 -c "import ctypes,sys; l=ctypes.CDLL(None,use_errno=True); sys.exit(l.syscall(425,1,0) < 0)"',
    ],
    ['the kernel log', 'dmesg'],
    ['/proc/sys', 'echo 1 > /proc/sys/kernel/core_pattern'],
    ['cgroups', 'mkdir /sys/fs/cgroup/memory/x || mkdir /sys/fs/cgroup/x'],
    ['the image', 'touch /usr/bin/x'],
    ['programs in /tmp', 'cp /bin/true /tmp/t && /tmp/t'],
    ['the Docker socket', 'test -S /var/run/docker.sock'],
    ['the network', 'curl -sS -m 3 http://1.1.1.1/'],
    ['names', 'getent hosts example.org'],
  ])('is refused %s', async (_what, script) => {
    const { exit } = await run(runner, job(script))
    expect(exit?.code).toBeGreaterThan(0)
  })

  it('may run programs of its workspace, use /tmp, FIFOs, threads and loopback', async () => {
    const script = `set -e
      cp /bin/true t; ./t; echo x > /tmp/x; mkfifo f
      python3 - <<'END'
import socket, threading
server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen()
threading.Thread(target=lambda: server.accept()[0].send(b'hello')).start()
client = socket.socket(); client.connect(server.getsockname()); print(client.recv(9))
END`
    expect(await run(runner, job(script))).toMatchObject({ stdout: "b'hello'\n", stderr: '' })
  })

  it('reads the job’s stdin, and an empty one without', async () => {
    const text = 'ü'.repeat(300_000)
    expect((await run(runner, job('wc -c', { stdin: text }))).stdout.trim()).toBe('600000')
    expect((await run(runner, job('wc -c'))).stdout.trim()).toBe('0')
  })

  it('runs an argv without a shell', async () => {
    const request = job('', { command: { kind: 'argv', argv: ['/bin/echo', '$HOME;', "'x'"] } })
    expect((await run(runner, request)).stdout).toBe("$HOME; 'x'\n")
  })

  it('names a directory that is not there', async () => {
    const ran = await run(runner, job('pwd', { cwd: 'no/such' }))
    expect(ran).toMatchObject({ stdout: '', exit: { code: 126 } })
    expect(ran.stderr).toContain('cannot enter directory: no/such')
  })

  it('ends at its time-out, by TERM where that is heard', async () => {
    const started = performance.now()
    const ran = await run(
      runner,
      job('trap "echo bye; exit 3" TERM; sleep 60 & wait', limits({ timeoutMs: 1_000 })),
    )
    expect(ran).toMatchObject({ stdout: 'bye\n', exit: { code: 3, timedOut: true } })
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  it('ends within 5 s of its time-out when it ignores TERM', async () => {
    const ran = await run(
      runner,
      job('trap "" TERM; while :; do sleep 1; done', limits({ timeoutMs: 500 })),
    )
    expect(ran.exit).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true })
    expect(ran.exit?.durationMs).toBeLessThan(5_500)
  })

  it('ends within 5 s of its time-out when it stops its supervisor', async () => {
    const script = 'kill -STOP -1; sleep 60'
    const started = performance.now()
    const ran = await run(runner, job(script, limits({ timeoutMs: 500 })))
    expect(ran.exit).toMatchObject({ signal: 'SIGKILL', timedOut: true })
    expect(performance.now() - started).toBeLessThan(6_500)
  })

  it('is over when it kills its supervisor, and keeps nothing', async () => {
    const ran = await run(runner, job('kill -9 -1; sleep 5'))
    expect(ran).toMatchObject({ exit: { code: null, signal: 'SIGKILL' }, changes: null })
  })

  it('cannot write to its supervisor', async () => {
    const script = `for p in /proc/[0-9]*; do for fd in 0 1 2 3 4 5 6 7 8 9; do
        printf 'Z\\0\\0\\0\\0' > "$p/fd/$fd"; done; done 2>/dev/null
      cat /proc/[0-9]*/mem /proc/[0-9]*/environ > /dev/null 2>&1; sleep 0.2; echo still here`
    const ran = await run(runner, job(script))
    expect(ran.stdout.endsWith('still here\n')).toBe(true)
    expect(ran.exit?.code).toBe(0)
  })

  it('leaves no process behind, and does not wait for one', async () => {
    const started = performance.now()
    const ran = await run(runner, job('(setsid sleep 60 &) ; sleep 60 & disown; echo done'))
    expect(ran).toMatchObject({ stdout: 'done\n', exit: { code: 0 } })
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('is cut at the output limit of each stream and stopped from filling further', async () => {
    const ran = await run(runner, job('yes; echo no more', limits({ outputBytes: 50_000 })))
    expect(ran.stdout.length).toBe(50_000)
    expect(ran.events.filter(({ event }) => event === 'truncated')).toEqual([
      { event: 'truncated', stream: 'stdout' },
    ])
    const both = await run(
      runner,
      job('head -c 9000 /dev/zero; head -c 9 /dev/zero >&2', limits({ outputBytes: 1_024 })),
    )
    expect(both).toMatchObject({ stderr: '\0'.repeat(9) })
    expect(both.stdout.length).toBe(1_024)
  })

  it('is not cut below the limit', async () => {
    const ran = await run(runner, job('head -c 1048576 /dev/zero | tr "\\0" x'))
    expect(ran.stdout.length).toBe(1_048_576)
    expect(ran.events.some(({ event }) => event === 'truncated')).toBe(false)
  })

  it('says when the kernel killed for want of memory', async () => {
    const ran = await run(
      runner,
      job('python3 -c "x = bytearray(3 << 30)"', limits({ memoryMb: 64 })),
    )
    expect(ran.exit).toMatchObject({ oom: true })
    const modest = await run(
      runner,
      job('python3 -c "x = bytearray(32 << 20)"', limits({ memoryMb: 64 })),
    )
    expect(modest.exit).toMatchObject({ oom: false, code: 0 })
  })

  it('contains a fork bomb', async () => {
    const ran = await run(
      runner,
      job(':(){ :|:& };:; sleep 30', limits({ timeoutMs: 1_500, pids: 64 })),
    )
    expect(ran.exit?.timedOut).toBe(true)
    expect((await run(runner, job('echo well'))).stdout).toBe('well\n')
  })

  it('can be cancelled, and then has no other outcome', async () => {
    const request = job('trap "echo term; exit" TERM; echo up; while :; do sleep 0.1; done')
    const response = await postExec(runner, request)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    while (!heard.includes('stdout')) heard += (await reader?.read())?.value ?? ''
    const path = `/v1/exec/${request.execId}`
    expect((await send(runner, 'DELETE', path, request.execId)).status).toBe(204)
    const again = await run(runner, request)
    expect(again).toMatchObject({ stdout: 'up\nterm\n', exit: null, error: { code: 'CANCELLED' } })
    reader?.cancel().catch(() => {})
  })

  it('never starts under an id that was cancelled before it came', async () => {
    const request = job('echo never')
    await send(runner, 'DELETE', `/v1/exec/${request.execId}`, request.execId)
    expect(await run(runner, request)).toMatchObject({ stdout: '', error: { code: 'CANCELLED' } })
  })

  it('runs once however often it is asked for, and repeats its stream from any byte', async () => {
    const request = job('echo one; sleep 0.3; echo two; head -c 8 /dev/urandom | od -An -tx1')
    const [first, second] = await Promise.all([
      postExec(runner, request).then((response) => response.text()),
      postExec(runner, request).then((response) => response.text()),
    ])
    expect(second).toBe(first)
    const third = await postExec(runner, request)
    expect(await third.text()).toBe(first)
    const from = Buffer.byteLength(first) - 40
    const tail = await postExec(runner, request, {}, `?from=${from}`)
    expect(await tail.text()).toBe(first.slice(-40))
    expect(summarise(parseEvents(first)).stdout).toMatch(/^one\ntwo\n/)
    const starts = runner
      .logs()
      .filter(({ event, execId }) => event === 'exec_started' && execId === request.execId)
    expect(starts.length).toBe(1)
  })

  it('does not begin for one who asks for the rest of it', async () => {
    const response = await postExec(runner, job('echo never'), {}, '?from=0')
    expect(response.status).toBe(404)
  })

  it('answers 409 to another job under the same id', async () => {
    const request = job('echo one')
    await run(runner, request)
    const other = { ...job('echo two'), execId: request.execId }
    const response = await postExec(runner, other)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ error: { code: 'CONFLICT' } })
  })

  it('is refused when its profile is not the approved one, or names a foreign image', async () => {
    const request = job('true')
    const altered = { ...request, profile: { ...request.profile, isOneShot: true } }
    expect((await postExec(runner, altered)).status).toBe(400)
    const foreign = job('true', { profile: { image: 'alpine:latest' } })
    expect((await run(runner, foreign)).error).toMatchObject({ code: 'INVALID_JOB' })
  })

  it('leaves no container behind when its runner ends', async () => {
    await runner.stop()
    expect(await containersOf(runner)).toEqual([])
  })
})
