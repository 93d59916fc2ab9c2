import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SECTIONS } from '../../../src/cli/commands/table.ts'
import { dispatch } from '../../../src/cli/dispatch.ts'
import { type OperationShapes, operationShapes } from '../../../src/cli/operations.ts'
import { ROOT } from '../../../src/cli/root.ts'
import { openIo, type TestIo } from './command-io.ts'
import { flagsFor, refuse, respond, useFakeGateway } from './fake-gateway.ts'

const open = useFakeGateway()

const run = (words: readonly string[], io: TestIo = openIo(), shapes?: OperationShapes) =>
  dispatch(words, io, SECTIONS, shapes)
const codeOf = async (words: readonly string[], io = openIo()) =>
  run(words, io).catch((error: { exitCode?: number }) => error.exitCode)

const KEYS = {
  keys: [
    {
      id: 'key_1',
      name: 'lap\u001b[2Jtop',
      prefix: 'ec_default_ab',
      owner_id: 'olga',
      scopes: ['operator.read', 'operator.write'],
      expires_at: '2026-11-26T21:54:07.000Z',
      last_used_at: null,
      revoked: false,
    },
  ],
}

describe('the words of the command line', () => {
  it('lead to one operation, whose answer is shown in columns and in plain text', async () => {
    const { url, requests } = await open((request, socket) => respond(socket, request, KEYS))
    const io = openIo()
    expect(await run(['keys', 'list', ...flagsFor(url)], io)).toBe(0)
    expect(requests[1]).toMatchObject({ method: 'api_keys.list', params: {} })
    expect(io.written.out).toBe(
      `ID     NAME    OWNER  SCOPES                         EXPIRES           LAST USED  REVOKED
key_1  laptop  olga   operator.read, operator.write  2026-11-26 21:54  -          no
`,
    )
  })

  it('mean the list when nothing more is said', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { keys: [] }),
    )
    const io = openIo()
    expect(await run(['keys', ...flagsFor(url)], io)).toBe(0)
    expect(requests[1]?.method).toBe('api_keys.list')
    expect([io.written.out, io.written.err]).toEqual(['', 'There are no API keys.\n'])
  })

  it('print with --json what was answered, whole, with controls spelt out', async () => {
    const { url } = await open((request, socket) => respond(socket, request, KEYS))
    const io = openIo()
    await run(['keys', 'list', '--json', ...flagsFor(url)], io)
    expect(JSON.parse(io.written.out)).toEqual(KEYS)
    expect(io.written.out).not.toContain('\u001b')
  })

  it('carry flags of every kind to the operation', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { id: 'key_1', key: 'ec_default_secret' }),
    )
    const io = openIo()
    const words = [
      'keys',
      'create',
      'laptop',
      '--scopes',
      'operator.read',
      '--scopes=operator.write',
    ]
    expect(await run([...words, '--expires-in', '60', ...flagsFor(url)], io)).toBe(0)
    expect(requests[1]).toMatchObject({
      method: 'api_keys.create',
      params: { name: 'laptop', scopes: ['operator.read', 'operator.write'], expires_in: 60 },
    })
    // Alone on standard output, so that it can be piped; what belongs to it is beside it.
    expect(io.written.out).toBe('ec_default_secret\n')
    expect(io.written.err).toContain('key_1')
    expect(io.written.err).not.toContain('ec_default_secret')
  })

  it('name the tenant and the user of the connection', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { keys: [] }),
    )
    await run(['keys', 'list', '--tenant', 'acme', '--user', 'ann', ...flagsFor(url)])
    expect(requests[0]?.params).toMatchObject({ tenant_id: 'acme', user_id: 'ann' })
  })

  it.each([
    [['kyes'], 'Did you mean keys?'],
    [['keys', 'lst'], 'Did you mean list?'],
    [['keys', 'create', 'a', '--scope', 'x'], 'Did you mean --scopes?'],
    [['keys', 'create', 'a'], '--scopes is missing'],
    [['keys', 'create', '--scopes', 'operator.read'], 'name is missing'],
    [['keys', 'create', 'a', '--scopes', 'operator.raed'], 'Did you mean operator.read?'],
    [
      ['keys', 'create', 'a', '--scopes', 'operator.read', '--expires-in', 'soon'],
      'must be a number',
    ],
    [['keys', 'list', 'more'], 'one word too many'],
    [['agents', 'update', 'a', '--tools', '{nope'], '--tools must be JSON'],
    [['config', 'versions'], 'config versions what? There are: list, get, restore.'],
    [['keys', 'list', '--token', 'ec_x'], 'a token is never an argument'],
    [['constructor'], 'unknown command'],
  ])('are refused before anybody is asked: %j', async (words, message) => {
    await expect(run(words)).rejects.toThrow(message)
    expect(await codeOf(words)).toBe(2)
  })

  it('repeat no token that was given by mistake', async () => {
    const failure = await run(['keys', 'list', '--token', 'ec_default_secret']).catch(String)
    expect(failure).not.toContain('ec_default_secret')
  })

  it('say that a gateway does not offer what it lacks, and leave it out of the help', async () => {
    const { 'api_keys.revoke': _, ...shapes } = operationShapes()
    await expect(run(['keys', 'revoke', 'key_1', '--yes'], openIo(), shapes)).rejects.toThrow(
      'this gateway does not offer it: keys revoke needs api_keys.revoke',
    )
    const io = openIo()
    expect(await run(['keys', '--help'], io, shapes)).toBe(0)
    expect(io.written.out).toContain('keys create')
    expect(io.written.out).not.toContain('keys revoke')
  })
})

describe('what cannot be undone', () => {
  const REVOKE = ['keys', 'revoke', 'key_1']
  const revoking = () =>
    open((request, socket) => respond(socket, request, { ok: true, id: 'key_1' }))

  it('is done when somebody says yes, and names what goes', async () => {
    const { url, requests } = await revoking()
    const io = openIo({ typed: ['y\n'], isTTY: true })
    expect(await run([...REVOKE, ...flagsFor(url)], io)).toBe(0)
    expect(io.written.err).toContain('revokes the API key key_1')
    expect(io.written.out).toBe('✓ revoked key_1\n')
    expect(requests[1]?.params).toEqual({ id: 'key_1' })
  })

  it.each([['n\n'], ['\n'], ['yolo\n'], []])('is not done on %j', async (...typed) => {
    const { url, requests } = await revoking()
    const io = openIo({ typed, isTTY: true })
    expect(await run([...REVOKE, ...flagsFor(url)], io)).toBe(1)
    expect(requests).toEqual([])
    expect(io.written.err).toContain('Nothing was changed.')
  })

  it('is not done by a script that did not say --yes, and is by one that did', async () => {
    const { url, requests } = await revoking()
    await expect(run([...REVOKE, ...flagsFor(url)], openIo({ typed: ['y\n'] }))).rejects.toThrow(
      '--yes',
    )
    expect(requests).toEqual([])
    expect(await run([...REVOKE, '--yes', ...flagsFor(url)])).toBe(0)
  })
})

describe('a secret that belongs to an operation', () => {
  const CREATE = ['providers', 'create', 'claude', '--provider-type', 'anthropic']

  it('comes from standard input, and is shown nowhere', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { ok: true }),
    )
    const io = openIo({ typed: ['sk-ant-', 'secret\n'] })
    expect(await run([...CREATE, '--api-key-stdin', ...flagsFor(url)], io)).toBe(0)
    expect(requests[1]?.params).toMatchObject({ name: 'claude', api_key: 'sk-ant-secret' })
    expect(io.written.out + io.written.err).not.toContain('secret')
  })

  it('is asked for without echo at a terminal', async () => {
    const { url, requests } = await open((request, socket) =>
      respond(socket, request, { ok: true }),
    )
    const io = openIo({ typed: ['sk-x', '\u007fy', '\r'], isTTY: true })
    await run([...CREATE, '--api-key-stdin', ...flagsFor(url)], io)
    expect(requests[1]?.params).toMatchObject({ api_key: 'sk-y' })
    expect(io.rawModes).toEqual([true, false])
    expect(io.written.err).toBe('api_key: \n')
  })

  it('is no flag, and nothing empty', async () => {
    await expect(run([...CREATE, '--api-key', 'sk-x'])).rejects.toThrow(
      'Did you mean --api-key-stdin?',
    )
    await expect(run([...CREATE, '--api-key-stdin'], openIo({ typed: [' \n'] }))).rejects.toThrow(
      'is empty',
    )
  })
})

describe('exit codes', () => {
  it.each([
    ['NOT_FOUND', 1],
    ['FAILED_PRECONDITION', 1],
    ['UNAUTHORIZED', 4],
    ['TENANT_ACCESS_REVOKED', 4],
  ])('tell %s as %i', async (code, expected) => {
    const { url } = await open((request, socket) => refuse(socket, request, code, 'no'))
    expect(await codeOf(['keys', 'list', ...flagsFor(url)])).toBe(expected)
  })

  it('tell a wrong token from an absent gateway', async () => {
    const { url } = await open(() => undefined)
    const wrong = openIo({ env: { EDGECLAW_TOKEN: 'wrong' } })
    expect(await codeOf(['keys', 'list', ...flagsFor(url)], wrong)).toBe(4)
    expect(await codeOf(['keys', 'list', '--url', 'http://127.0.0.1:1'])).toBe(3)
  })

  it('are explained', async () => {
    const io = openIo()
    expect(await run(['help', 'exit-codes'], io)).toBe(0)
    for (const code of ['0', '1', '2', '3', '4', '130']) {
      expect(io.written.out).toMatch(new RegExp(`^ +${code} `, 'm'))
    }
    expect(await codeOf([])).toBe(2)
    expect(await codeOf(['--help'])).toBe(0)
    expect(await codeOf(['agents', 'files', '--help'])).toBe(0)
    expect(await codeOf(['agents', 'files'])).toBe(2)
  })
})

describe('help', () => {
  it('lists what there is, and the flags of each operation with its choices', async () => {
    const overview = openIo()
    await run(['help'], overview)
    for (const noun of ['login', 'keys', 'doctor'])
      expect(overview.written.out).toContain(`  ${noun}`)
    const io = openIo()
    await run(['help', 'keys', 'create'], io)
    expect(io.written.out).toContain('edgeclaw keys create NAME --scopes A,B')
    expect(io.written.out).toMatch(/--scopes A,B .*operator\.admin \| operator\.read.*\(required\)/)
    expect(io.written.out).toContain('--expires-in N')
  })

  it('asks nobody, whatever else is said', async () => {
    const io = openIo()
    expect(
      await run(['keys', 'revoke', 'key_1', '--yes', '--help', '--url', 'http://127.0.0.1:1'], io),
    ).toBe(0)
  })
})

describe('a command', () => {
  /** Packages that a process loads for these words. */
  const loadedBy = (words: readonly string[]): readonly string[] => {
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = new Set()
      registerHooks({
        load(url, context, next) {
          const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
          if (name) loaded.add(name)
          return next(url, context)
        },
      })
      const { SECTIONS } = await import('./src/cli/commands/table.ts')
      const { dispatch } = await import('./src/cli/dispatch.ts')
      const nouns = SECTIONS.flatMap((section) => section.nouns)
      const { stdin } = process
      const nowhere = { write() {} }
      const io = { stdout: nowhere, stderr: nowhere, stdin, env: {}, nouns }
      await dispatch(${JSON.stringify(words)}, io, SECTIONS)
      process.stdout.write(JSON.stringify([...loaded].sort()))`
    const node = `${ROOT}/node_modules/.bin/node`
    const run = execFileSync(node, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    return JSON.parse(run) as readonly string[]
  }

  it('loads no more than it needs: config brings no package, a runner key its own', () => {
    expect(loadedBy(['config', 'preset', 'list'])).not.toContain('jose')
    expect(loadedBy(['runner-key', '--help'])).not.toContain('jose')
    expect(loadedBy(['runner-key', 'new', '--help'])).toContain('jose')
  })
})
