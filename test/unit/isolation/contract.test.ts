import { describe, expect, it } from 'vitest'
import { createOutputCollector } from '../../../src/isolation/collect-output.ts'
import {
  type ExecRequest,
  execEventSchema,
  execIdSchema,
  execRequestSchema,
  isWorkspacePath,
  MAX_SCRIPT_BYTES,
  profileText,
} from '../../../src/isolation/contract.ts'
import { runnerOrder, runnersSchema } from '../../../src/isolation/runners.ts'

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
  it('orders runners the same for the same workspace, and spreads workspaces', () => {
    const runners = ['a', 'b', 'c'].map((keyId) => ({ url: `https://${keyId}.example.org`, keyId }))
    const first = (id: string) => runnerOrder(runners, id)[0]?.keyId
    expect(first('w1')).toBe(first('w1'))
    const chosen = new Set(Array.from({ length: 50 }, (_, i) => first(`w${i}`)))
    expect(chosen.size).toBe(3)
    // A lost runner's workspaces move, all others stay.
    const rest = runners.filter(({ keyId }) => keyId !== 'a')
    for (let i = 0; i < 50; i++) {
      if (first(`w${i}`) !== 'a') expect(runnerOrder(rest, `w${i}`)[0]?.keyId).toBe(first(`w${i}`))
    }
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
