import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergePatch } from '../../../src/api/merge-patch.ts'
import { config } from '../../../src/cli/config.ts'
import { changedSettings } from '../../../src/domain/config/diff.ts'
import { maskedDocument } from '../../../src/domain/config/mask.ts'
import {
  DEFAULT_TENANT_CONFIG,
  tenantConfigSchema,
} from '../../../src/domain/config/tenant-config.ts'
import {
  type Answer,
  flagsFor,
  openTerminal,
  refuse,
  respond,
  useFakeGateway,
} from './fake-gateway.ts'

const open = useFakeGateway()

/** Keeps a document as the gateway does: judged by the real schema, guarded by its hash. */
async function gatewayWith(agentSettings: object = {}) {
  let document: unknown = {}
  let version = 1
  const hash = () => `hash${version}`.padEnd(64, '0')
  const answer: Answer = (request, socket) => {
    const { method, params } = request
    if (method === 'config.get')
      return respond(socket, request, {
        config: maskedDocument(tenantConfigSchema.parse(document)),
        hash: hash(),
      })
    if (method === 'config.schema') return respond(socket, request, { schema: { type: 'object' } })
    if (method === 'agents.list') return respond(socket, request, { agents: [{ id: 'helper' }] })
    if (method === 'agents.get') return respond(socket, request, { settings: agentSettings })
    if (params['baseHash'] !== hash())
      return refuse(socket, request, 'FAILED_PRECONDITION', 'changed meanwhile')
    const raw: unknown = JSON.parse(String(params['raw']))
    const next = method === 'config.apply' ? raw : mergePatch(document, raw)
    const current = tenantConfigSchema.parse(document)
    const parsed = tenantConfigSchema.safeParse(next)
    if (!parsed.success) return refuse(socket, request, 'INVALID_REQUEST', 'no such key')
    if (!params['dryRun']) {
      document = next
      version++
    }
    const diff = changedSettings(current, parsed.data)
    const config = maskedDocument(parsed.data)
    return respond(socket, request, { ok: true, config, hash: hash(), restart: false, diff })
  }
  const gateway = await open(answer)
  const terminal = openTerminal()
  const run = (...args: readonly string[]) => config([...args, ...flagsFor(gateway.url)], terminal)
  const written = () =>
    gateway.requests.filter(({ method, params }) => /apply|patch/.test(method) && !params['dryRun'])
  return { ...gateway, run, terminal: terminal.written, written, document: () => document }
}

describe('config get and schema', () => {
  it('prints the document in force, one setting, or the schema as JSON on stdout', async () => {
    const { run, terminal } = await gatewayWith()
    expect(await run('get')).toBe(0)
    expect(JSON.parse(terminal.out)).toEqual(DEFAULT_TENANT_CONFIG)
    terminal.out = ''
    await run('get', 'gateway.rate_limit_rpm')
    expect(terminal.out).toBe('20\n')
    terminal.out = ''
    await run('schema')
    expect(JSON.parse(terminal.out)).toEqual({ type: 'object' })
    await expect(run('get', 'gateway.nothing')).rejects.toThrow('gateway.nothing is not set')
  })
})

describe('config patch and apply', () => {
  it('shows what changes, and writes against the document that it showed', async () => {
    const { run, terminal, written } = await gatewayWith()
    expect(await run('patch', '{"gateway":{"rate_limit_rpm":7}}')).toBe(0)
    expect(terminal.out).toContain('gateway.rate_limit_rpm   20 → 7')
    expect(terminal.err).toContain('1 setting changed.')
    expect(written()).toHaveLength(1)
    expect(written()[0]?.params['baseHash']).toMatch(/^hash1/)
  })

  it('writes nothing under --dry-run, nor where nothing changes', async () => {
    const { run, terminal, written } = await gatewayWith()
    await run('patch', '{"gateway":{"rate_limit_rpm":7}}', '--dry-run')
    expect(terminal.err).toContain('1 setting would change. Nothing was written.')
    await run('patch', '{"gateway":{"rate_limit_rpm":20}}')
    expect(terminal.err).toContain('Nothing to change')
    expect(written()).toEqual([])
  })

  it('writes a secret over another, and shows neither', async () => {
    const { run, terminal, written } = await gatewayWith()
    const patch = (text: string) => JSON.stringify({ logging: { redactPatterns: [text] } })
    await run('patch', patch('https://u:one@a.example/'))
    await run('patch', patch('https://u:two@a.example/'))
    expect(written()).toHaveLength(2)
    expect(terminal.out).not.toMatch(/u:(?:one|two)@/)
  })

  it('replaces the document by a file, and says what that takes back', async () => {
    const { run, terminal, document } = await gatewayWith()
    await run('patch', '{"tools":{"profile":"coding"}}')
    const path = join(mkdtempSync(join(tmpdir(), 'edgeclaw-')), 'config.json')
    writeFileSync(path, '{"gateway":{"rate_limit_rpm":9}}')
    expect(await run('apply', path)).toBe(0)
    expect(terminal.out).toMatch(/tools\.profile +coding → not set/)
    expect(document()).toEqual({ gateway: { rate_limit_rpm: 9 } })
  })

  it('prints the changes as JSON for programs', async () => {
    const { run, terminal } = await gatewayWith()
    await run('patch', '{"tools":{"deny":["exec"]}}', '--json')
    expect(JSON.parse(terminal.out)).toEqual([{ path: 'tools.deny', to: ['exec'] }])
  })

  it('asks nobody when the change cannot be read, and tells what the gateway refuses', async () => {
    const { run, requests } = await gatewayWith()
    await expect(run('patch', '{x')).rejects.toThrow('patch holds no JSON')
    await expect(run('apply', '/nowhere/config.json')).rejects.toThrow('cannot read /nowhere')
    await expect(run('patch')).rejects.toThrow('config patch needs more')
    await expect(run('patch', '{}', '{}')).rejects.toThrow('takes no "{}"')
    await expect(run('ptach', '{}')).rejects.toThrow('Did you mean patch?')
    expect(requests).toEqual([])
    await expect(run('patch', '{"tols":1}')).rejects.toThrow('no such key (INVALID_REQUEST)')
  })
})

describe('config preset', () => {
  it('hardens a tenant, shows how, and is done the second time', async () => {
    const { run, terminal, written, document } = await gatewayWith()
    expect(await run('preset', 'hardened')).toBe(0)
    expect(terminal.out).toContain('hardened · the strict baseline')
    expect(terminal.out).toMatch(/autonomy\.level +full +→ supervised/)
    expect(terminal.err).toContain('7 settings changed.')
    expect(document()).toMatchObject({ tools: { profile: 'messaging' } })
    await run('preset', 'hardened')
    expect(terminal.err).toContain('Nothing to change')
    expect(written()).toHaveLength(1)
  })

  it('warns of an agent whose own settings undo it, and of no other', async () => {
    const loose = await gatewayWith({ autonomy: { level: 'full' } })
    await loose.run('preset', 'hardened', '--dry-run')
    expect(loose.terminal.err).toContain('! agent helper sets of its own autonomy.level: full')
    expect(loose.written()).toEqual([])
    const strict = await gatewayWith({ autonomy: { level: 'readonly' } })
    await strict.run('preset', 'hardened', '--dry-run')
    expect(strict.terminal.err).not.toContain('!')
  })

  it('lists the presets without a gateway, and names the nearest to a mistyped one', async () => {
    const terminal = openTerminal()
    expect(await config(['preset', 'list'], terminal)).toBe(0)
    expect(terminal.written.out).toMatch(/tools\.deny +group:runtime, group:fs, group:automation/)
    await expect(config(['preset', 'hardned'], terminal)).rejects.toThrow('Did you mean hardened?')
  })
})

describe('config', () => {
  it('acts in the tenant that is named, and says when there is none', async () => {
    const { url, requests } = await open((request, socket) =>
      refuse(socket, request, 'NOT_FOUND', 'not found'),
    )
    const args = ['get', '--tenant', 'acme', '--user', 'ada', ...flagsFor(url)]
    await expect(config(args, openTerminal())).rejects.toThrow('there is no tenant "acme"')
    expect(requests[0]?.params).toMatchObject({ tenant_id: 'acme', user_id: 'ada' })
  })
})
