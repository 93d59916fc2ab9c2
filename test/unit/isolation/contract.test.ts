import { describe, expect, it } from 'vitest'
import { createOutputCollector } from '../../../src/isolation/collect-output.ts'
import {
  type ExecRequest,
  execEventSchema,
  execIdSchema,
  execRequestSchema,
  imageBuildEventSchema,
  imageBuildRequestSchema,
  isWorkspacePath,
  MAX_PACKAGES,
  MAX_SCRIPT_BYTES,
  type PinnedPackage,
  packageSchema,
  packagesText,
  pinnedPackagesSchema,
  profileText,
} from '../../../src/isolation/contract.ts'
import { runnersSchema } from '../../../src/isolation/runners.ts'

const REQUEST: ExecRequest = {
  execId: 'exec-1',
  workspace: { id: 'w', root: 'r', manifest: [] },
  profile: {
    access: 'rw',
    scope: 'session',
    network: { kind: 'none' },
    isOneShot: false,
    limits: { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 300_000, outputBytes: 1_048_576 },
  },
  profileHash: '0'.repeat(64),
  holder: 'ten_a/main/user',
  command: { kind: 'script', script: 'true' },
  cwd: '',
  env: {},
}
const accepts = (change: object): boolean =>
  execRequestSchema.safeParse({ ...REQUEST, ...change }).success
const limits = (change: object) => ({
  profile: { ...REQUEST.profile, limits: { ...REQUEST.profile.limits, ...change } },
})

describe('workspace paths', () => {
  it.each(['a', 'a/b.txt', '.hidden', 'é/ü', 'a b', '...', '-rf', 'a'.repeat(255)])(
    'allow %j',
    (path) => {
      expect(isWorkspacePath(path)).toBe(true)
    },
  )
  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/..',
    '../a',
    './a',
    'a\\b',
    'a\0b',
    'a\nb',
    'a\u0085b',
    '\ud800',
    'a\ufffdb',
    'a'.repeat(256),
    'é'.repeat(128),
    `${'a/'.repeat(600)}a`,
  ])('reject %j', (path) => {
    expect(isWorkspacePath(path)).toBe(false)
  })
})

describe('a job', () => {
  it('is allowed at every ceiling', () => {
    expect(accepts({})).toBe(true)
    expect(accepts({ cwd: 'sub/dir', env: { TOKEN: 'x' }, stdin: 'y' })).toBe(true)
    expect(accepts({ command: { kind: 'script', script: 'x'.repeat(MAX_SCRIPT_BYTES) } })).toBe(
      true,
    )
  })

  it.each([
    ['a limit above its ceiling', limits({ memoryMb: 513 })],
    ['more processors', limits({ cpus: 1.1 })],
    ['more processes', limits({ pids: 129 })],
    ['more time', limits({ timeoutMs: 300_001 })],
    ['more output', limits({ outputBytes: 1_048_577 })],
    ['an unknown flag', { privileged: true }],
    ['an unknown profile flag', { profile: { ...REQUEST.profile, binds: ['/:/host'] } }],
    ['a working directory outside', { cwd: '../x' }],
    ['an absolute working directory', { cwd: '/etc' }],
    ['a NUL byte', { command: { kind: 'script', script: 'a\0b' } }],
    [
      'a script beyond one argument',
      { command: { kind: 'script', script: 'x'.repeat(MAX_SCRIPT_BYTES + 1) } },
    ],
    ['an empty argv', { command: { kind: 'argv', argv: [] } }],
    ['a malformed variable name', { env: { 'A=B': 'x' } }],
    ['a NUL in a variable', { env: { A: 'x\0y' } }],
    ['an exec id with a slash', { execId: 'a/b' }],
  ])('is rejected with %s', (_what, change) => {
    expect(accepts(change)).toBe(false)
  })

  it('has one profile text whatever the order of keys and hosts', () => {
    const { access, ...rest } = REQUEST.profile
    expect(profileText({ ...rest, access })).toBe(profileText(REQUEST.profile))
    const hosts = (list: string[]) =>
      profileText({ ...REQUEST.profile, network: { kind: 'allowlist', hosts: list } })
    expect(hosts(['a', 'b'])).toBe(hosts(['b', 'a']))
    expect(hosts(['a'])).not.toBe(profileText(REQUEST.profile))
  })

  it('has an id that can be part of a file name and of a URL', () => {
    expect(execIdSchema.safeParse('call_1:2.x-y').success).toBe(true)
    for (const id of ['', 'a b', '../a', 'a%2f', 'a'.repeat(129)]) {
      expect(execIdSchema.safeParse(id).success).toBe(false)
    }
  })
})

const JQ: PinnedPackage = { manager: 'apt', name: 'jq', version: '1.6-2.1+deb12u1' }
const LEFT_PAD: PinnedPackage = { manager: 'npm', name: 'left-pad', version: '1.3.0' }
const JINJA: PinnedPackage = { manager: 'pip', name: 'jinja2', version: '3.1.4' }

describe('a package', () => {
  it.each([
    ['apt', 'g++', '4:12.2.0-3'],
    ['apt', 'libstdc++6', '12.2.0-14+deb12u1'],
    ['apt', 'jq', '1.7~rc1-1'],
    ['apt', '7zip', undefined],
    ['pip', 'ruamel-yaml', '0.18.6'],
    ['pip', 'pytz', '2024.07.04'],
    ['pip', 'x', '1!2.0rc1.post2.dev3+local.1'],
    ['npm', 'left-pad', '1.3.0'],
    ['npm', '@types/node', '20.1.0-beta.1'],
    ['npm', 'socket.io', undefined],
  ])('of %s is allowed as %j %j', (manager, name, version) => {
    expect(packageSchema.safeParse({ manager, name, version }).success).toBe(true)
  })

  it.each([
    ['apt', '-oAPT::Update::Pre-Invoke::=id', undefined],
    ['apt', '--allow-unauthenticated', undefined],
    ['apt', 'bash-', undefined],
    ['apt', 'jq/sid', undefined],
    ['apt', 'jq:i386', undefined],
    ['apt', 'jq=1.6', undefined],
    ['apt', 'lib.*', undefined],
    ['apt', './evil.deb', undefined],
    ['apt', 'kde^', undefined],
    ['apt', 'a', undefined],
    ['apt', 'jq', '-1'],
    ['apt', 'jq', '1.6 -o x'],
    ['apt', 'jq', '*'],
    ['pip', '-r', undefined],
    ['pip', '--index-url', undefined],
    ['pip', 'a[extra]', undefined],
    ['pip', 'a @ https://example.org/a.whl', undefined],
    ['pip', 'git+https://example.org/a', undefined],
    ['pip', 'Jinja2', undefined],
    ['pip', 'ruamel.yaml', undefined],
    ['pip', 'a-', undefined],
    ['pip', 'a', '>=1'],
    ['pip', 'a', '1.*'],
    ['pip', 'a', '1; import os'],
    ['npm', '--registry', undefined],
    ['npm', '-g', undefined],
    ['npm', 'user/repository', undefined],
    ['npm', '@scope', undefined],
    ['npm', '@-x/y', undefined],
    ['npm', '@a/b/c', undefined],
    ['npm', '../evil', undefined],
    ['npm', '@a/../b', undefined],
    ['npm', 'alias@npm:other', undefined],
    ['npm', 'https://example.org/a.tgz', undefined],
    ['npm', 'left-pad', 'latest'],
    ['npm', 'left-pad', '^1.0.0'],
    ['npm', 'left-pad', '1'],
    ['npm', 'left-pad', 'npm:other@1.0.0'],
    ['npm', 'left-pad', 'file:../x'],
    ['gem', 'rake', undefined],
    ['apt', 'jq\n', undefined],
    ['pip', 'a\n', undefined],
    ['npm', 'a\n', undefined],
    ['npm', 'a'.repeat(215), undefined],
    ['apt', 'jq', '1'.repeat(129)],
    ['apt', '$(id)', undefined],
    ['pip', 'a;id', undefined],
  ])('of %s is rejected as %j %j', (manager, name, version) => {
    expect(packageSchema.safeParse({ manager, name, version }).success).toBe(false)
  })

  it('carries nothing beside manager, name and version', () => {
    expect(packageSchema.safeParse({ ...JQ, options: ['-y'] }).success).toBe(false)
  })
})

describe('a list of packages', () => {
  const asks = (packages: unknown) => imageBuildRequestSchema.safeParse({ packages }).success
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ manager: 'apt', name: `package-${i}` }))

  it('is asked for in any order, with and without versions', () => {
    expect(asks([JINJA, { manager: 'apt', name: 'jq' }])).toBe(true)
    expect(asks(many(MAX_PACKAGES))).toBe(true)
  })

  it('is rejected empty, too long, or with a package twice', () => {
    expect(asks([])).toBe(false)
    expect(asks(many(MAX_PACKAGES + 1))).toBe(false)
    expect(asks([JQ, { manager: 'apt', name: 'jq' }])).toBe(false)
    expect(asks([JQ, { manager: 'npm', name: 'jq' }])).toBe(true)
  })

  it('is pinned in one order only, each package once and with its version', () => {
    const pins = (list: unknown) => pinnedPackagesSchema.safeParse(list).success
    expect(pins([JQ, LEFT_PAD, JINJA])).toBe(true)
    expect(pins([JQ, JINJA, LEFT_PAD])).toBe(false)
    expect(pins([JQ, { ...JQ, version: '1.7' }])).toBe(false)
    expect(pins([{ manager: 'apt', name: 'jq' }])).toBe(false)
  })

  it('has one text, which tells versions and managers apart', () => {
    expect(packagesText([JQ, JINJA])).toBe(
      '[["apt","jq","1.6-2.1+deb12u1"],["pip","jinja2","3.1.4"]]',
    )
    expect(packagesText([{ ...JQ, version: '1.7' }])).not.toBe(packagesText([JQ]))
  })

  it('is part of what a job was approved under, and never stands beside another image', () => {
    const { profile } = REQUEST
    expect(accepts({ profile: { ...profile, packages: [JQ] } })).toBe(true)
    expect(accepts({ profile: { ...profile, packages: [] } })).toBe(false)
    expect(accepts({ profile: { ...profile, packages: [{ manager: 'apt', name: 'jq' }] } })).toBe(
      false,
    )
    expect(accepts({ profile: { ...profile, image: 'x' } })).toBe(true)
    expect(accepts({ profile: { ...profile, image: 'x', packages: [JQ] } })).toBe(false)
    expect(profileText(profile)).toBe('[null,"rw","session",null,false,512,1,128,300000,1048576]')
    const withPackages = profileText({ ...profile, packages: [JQ] })
    expect(withPackages).not.toBe(profileText(profile))
    expect(profileText({ ...profile, packages: [{ ...JQ, version: '1.7' }] })).not.toBe(
      withPackages,
    )
  })
})

describe('events of a build', () => {
  const accepted = (event: object) => imageBuildEventSchema.safeParse(event).success

  it('are progress, built and error', () => {
    expect(accepted({ event: 'progress', line: 'Unpacking jq …' })).toBe(true)
    expect(accepted({ event: 'built', packages: [JQ], imageId: 'sha256:1' })).toBe(true)
    expect(accepted({ event: 'error', code: 'BUILD_FAILED', message: 'no such package' })).toBe(
      true,
    )
  })

  it('reject a line that could move a terminal, and an image without pins', () => {
    expect(accepted({ event: 'progress', line: 'a\u001b[2J' })).toBe(false)
    expect(accepted({ event: 'progress', line: 'a\nb' })).toBe(false)
    expect(accepted({ event: 'progress', line: 'a'.repeat(501) })).toBe(false)
    expect(accepted({ event: 'built', packages: [], imageId: 'sha256:1' })).toBe(false)
  })
})

describe('events', () => {
  it('reject changes with paths that escape', () => {
    const changes = (path: string) => ({ event: 'changes', put: [], delete: [path], notKept: 0 })
    expect(execEventSchema.safeParse(changes('a/b')).success).toBe(true)
    expect(execEventSchema.safeParse(changes('../b')).success).toBe(false)
  })
})

describe('the list of runners', () => {
  const parse = (text: string) => runnersSchema.safeParse(text)
  it('allows https anywhere and http on loopback', () => {
    for (const url of [
      'https://r.example.org',
      'http://127.0.0.1:8788',
      'http://[::1]:1',
      'http://localhost:1/',
    ]) {
      expect(parse(JSON.stringify([{ url, keyId: 'k' }])).success).toBe(true)
    }
    expect(parse('').data).toEqual([])
  })
  it.each([
    'not json',
    '{}',
    '[{"url":"https://r.example.org"}]',
    '[{"url":"http://r.example.org","keyId":"k"}]',
    '[{"url":"http://127.0.0.1.example.org","keyId":"k"}]',
    '[{"url":"https://r.example.org/path","keyId":"k"}]',
    '[{"url":"https://u:p@r.example.org","keyId":"k"}]',
  ])('rejects %s', (text) => {
    expect(parse(text).success).toBe(false)
  })
})

describe('collected output', () => {
  const b64 = (data: string | Uint8Array) => Buffer.from(data as string).toString('base64')
  it('joins characters that were cut by pieces', () => {
    const collector = createOutputCollector(100)
    const bytes = Buffer.from('aé😀')
    for (const byte of bytes) collector.add(Buffer.from([byte]).toString('base64'))
    expect(collector.finish()).toEqual({ text: 'aé😀', isTruncated: false })
  })
  it('cuts at its own limit, whatever the runner sends', () => {
    const collector = createOutputCollector(4)
    collector.add(b64('abcdef'))
    collector.add(b64('ghi'))
    expect(collector.finish()).toEqual({ text: 'abcd', isTruncated: true })
  })
  it('drops a character that the cut went through', () => {
    const collector = createOutputCollector(2)
    collector.add(b64('aé'))
    expect(collector.finish()).toEqual({ text: 'a', isTruncated: true })
  })
})
