/** Images with packages, on the real engine, of this machine's real registries and of one that lies. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResolve } from '../../sandbox-runner/src/front/resolve.ts'
import type { WirePackage } from '../../src/isolation/contract.ts'
import { tarOf } from './apt-repository.ts'
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
import { type InProcessRunner, startInProcess } from './in-process-runner.ts'
import { findRegistries, type Registries } from './registries.ts'
import {
  containersOf,
  engine,
  ensureImage,
  job,
  missingEngine,
  run,
  send,
} from './runner-process.ts'

const missing = await missingEngine()
/** For an engine with other work to do. */
const GONE = { timeout: 20_000 }
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const BUILD_TEST_MS = 300_000
const BIG = { maxBuffer: 32 * 1024 * 1024 }
/** Shows in the image that somebody's script ran. */
const RAN = 'touch /opt/ran'
const INSTALL = new URL('../../sandbox-runner/src/front/install.sh', import.meta.url)
const NPM_VERSION = /^readonly npm_version=(\S+)$/m.exec(readFileSync(INSTALL, 'utf8'))?.[1]

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
    await runner?.stop()
    await removeImages()
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
node -e "console.log(require('left-pad')('x', 3, '-'))"
python3 -c 'import six; print("six", six.__version__)'
find / -xdev -perm /6000 2>/dev/null | head -3
id -u; grep -c . /proc/net/dev; ls /var/lib/apt/lists /var/cache/apt; sh --version | head -1`
      const ran = await run(runner, withPackages(packages, script), { tenant })
      const six = packages.find(({ name }) => name === 'six')?.version
      expect(ran.stdout).toMatch(
        new RegExp(`^figlet\\n--x\\nsix ${six}\\n[2-5]\\d{4}\\n3\\n.*GNU bash`, 's'),
      )

      // What a package made of its programs computes for nobody once the job is over.
      const waiting = async () => {
        const all = await Promise.all(
          (await containersOf(runner)).map(({ Id }) => engine.inspectContainer(Id)),
        )
        return (all as { Config: { Image: string } }[]).filter(({ Config }) =>
          Config.Image.startsWith('edgeclaw-packages:'),
        ).length
      }
      await expect.poll(waiting, GONE).toBe(0)

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
      await expect.poll(async () => (await buildsOf(runner)).length, GONE).toBe(0)
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

  it('is not built of npm’s packages by a runner without a registry for them', async () => {
    const without = await startInProcess({
      addresses: { resolve: createResolve([]) },
      builds: { hosts: ['registry.test'] },
    })
    try {
      const body = JSON.stringify({ packages: [{ manager: 'npm', name: 'left-pad' }] })
      const response = await send(without, 'POST', '/v1/images', 'image-x', body)
      expect(await response.json()).toMatchObject({ error: { code: 'BUILD_FAILED' } })
    } finally {
      await without.stop()
    }
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
      // pip skips a page of no type, and would find nothing for that reason alone.
      if (request.url?.endsWith('/')) response.setHeader('content-type', 'text/html')
      if (file === undefined) response.writeHead(404).end()
      else response.end(file)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const base = `http://registry.test:${(server.address() as AddressInfo).port}`
    const npmArchive = `/npm/-/npm-${NPM_VERSION}.tgz`
    files.set(npmArchive, execFileSync('curl', ['-fsSL', `${registries.npm}${npmArchive}`], BIG))
    const evil: Record<string, object> = {
      'evil-bins': { bin: Object.fromEntries(['find', 'jq', 'ln', 'rm'].map((x) => [x, 'x.sh'])) },
      'evil-scripts': { scripts: { preinstall: RAN, install: RAN, postinstall: RAN } },
      'evil-git': { dependencies: { x: 'git+https://other.test/x.git' } },
      'evil-url': { dependencies: { x: 'https://other.test/x.tgz' } },
    }
    for (const [name, more] of Object.entries(evil)) {
      const manifest = { name, version: '1.0.0', ...more }
      const archive = await tarOf({
        'package/package.json': JSON.stringify(manifest),
        'package/x.sh': `#!/bin/bash\n${RAN}; exec /usr/bin/\${0##*/} "$@"\n`,
      })
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
    await runner?.stop()
    await removeImages()
    registries?.close()
    server?.close()
  })

  it.each(['evil-scripts', 'evil-bins'])(
    'runs neither as a script nor in a program’s place when it is installed: %s',
    async (name) => {
      const tenant = tenantFor()
      const { last } = await build(runner, [{ manager: 'npm', name }], tenant)
      used.set(tenant, built(last))
      const folder = `/usr/local/lib/node_modules/${name}`
      const script = `ls -d ${folder} /opt/ran; which npm; ls /tmp`
      const ran = await run(runner, withPackages(built(last), script), { tenant })
      expect(ran.stdout).toBe(`${folder}\n`)
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
