import { afterEach, describe, expect, it, vi } from 'vitest'
import { generateRunnerKey } from '../../../src/crypto/job-token.ts'
import { setMembership } from '../../../src/db/memberships.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { Refusal } from '../../../src/domain/refusal.ts'
import type { Result } from '../../../src/domain/result.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { dispatchByName } from '../../../src/gateway/dispatch.ts'
import { RATE_TAKEN } from '../../../src/gateway/operation-rate.ts'
import { createScriptedRunner } from '../../support/scripted-runner.ts'
import { NOW, newKey, newTenant, openWorld, settings, useQuietLog, user } from '../gateway/world.ts'

useQuietLog()
afterEach(() => void vi.unstubAllGlobals())

const INDEX = {
  'apt:jq': '1.6-2',
  'apt:fd-find': '8.6.0-3',
  'pip:ruamel-yaml': '0.18.6',
  'npm:@types/node': '20.1.0',
}
const JQ = { manager: 'apt', name: 'jq' }
const FD = { manager: 'apt', name: 'fd-find' }
type Who = 'admin' | 'viewer'

async function open({ hasRunner = true } = {}) {
  const world = openWorld()
  const tenantId = await newTenant(world)
  const runner = createScriptedRunner(INDEX)
  vi.stubGlobal('fetch', runner.fetch)
  const { privateJwk } = await generateRunnerKey()
  const own = settings(
    hasRunner
      ? {
          runners: [{ url: 'https://runner.example', keyId: 'runner-1' }],
          runnerKey: JSON.stringify(privateJwk),
        }
      : {},
  )
  const keys = {
    admin: await newKey(world, tenantId, { scopes: ['operator.admin'] }),
    viewer: await newKey(world, tenantId, { scopes: ['operator.read'] }),
  }
  const published: { event: string; payload: unknown; audience: unknown }[] = []
  const services: typeof world.services = {
    ...world.services,
    tenant: (id) => ({
      ...world.services.tenant(id),
      publish: async (event, payload, audience) =>
        void published.push({ event, payload, audience }),
    }),
  }
  const callerOf = async (who: Who) => {
    const facts = { clientAddress: '203.0.113.7', isDevelopment: false }
    const proven = await authenticate(keys[who].credential, {}, facts, services, own)
    if (!proven.ok) throw new Error(proven.error.kind)
    return {
      ...proven.value,
      services,
      settings: own,
      replyTo: { kind: 'none' } as const,
      defaultSessionKey: null,
      operations: RATE_TAKEN,
    }
  }
  const call = async (
    name: 'list' | 'add' | 'remove',
    params: Readonly<Record<string, unknown>> = {},
    who: Who = 'admin',
  ): Promise<Result<Listed, Refusal>> =>
    (await dispatchByName(
      `agents.packages.${name}`,
      { agentId: 'default', ...params },
      await callerOf(who),
    )) as Result<Listed, Refusal>
  const add = (...packages: readonly object[]) => call('add', { packages })
  const recorded = async () => (await loadSnapshot(world.db, tenantId))?.agents[0]?.packages ?? []
  return { world, tenantId, runner, call, add, recorded, published, callerOf }
}

interface Listed {
  readonly agentId: string
  readonly packages: readonly { manager: string; name: string; version: string }[]
}
const pins = (result: Result<Listed, Refusal>): readonly string[] | Refusal =>
  result.ok
    ? result.value.packages.map(({ manager, name, version }) => `${manager}:${name}@${version}`)
    : result.error
const refusedWith = (code: string, message: RegExp | string = '') => ({
  ok: false,
  error: {
    code,
    message:
      typeof message === 'string'
        ? expect.stringContaining(message)
        : expect.stringMatching(message),
  },
})

describe('adding packages', () => {
  it('builds them, and then records the versions that were built and who asked', async () => {
    const { add, call, recorded, runner, world } = await open()
    const added = await add({ manager: 'npm', name: '@types/node' }, { ...JQ, version: '1.6-2' })
    expect(pins(added)).toEqual(['apt:jq@1.6-2', 'npm:@types/node@20.1.0'])
    expect(await recorded()).toEqual([
      { ...JQ, version: '1.6-2', addedBy: 'olga', addedAt: NOW },
      { manager: 'npm', name: '@types/node', version: '20.1.0', addedBy: 'olga', addedAt: NOW },
    ])
    expect(await call('list', {}, 'viewer')).toEqual({
      ok: true,
      value: {
        agentId: 'default',
        packages: [
          { ...JQ, version: '1.6-2', added_by: 'olga', added_at: new Date(NOW).toISOString() },
          expect.objectContaining({ name: '@types/node' }),
        ],
      },
    })
    await world.settled()
    expect(world.events).toMatchObject([{ name: 'config_changed', fields: { packages: 2 } }])
    expect(runner.builds.length).toBe(1)
  })

  it('builds on what is there, whose versions stay', async () => {
    const { add, runner, recorded, world } = await open()
    await add(JQ)
    runner.index = { ...INDEX, 'apt:jq': '1.7-1' }
    world.clock = NOW + 5
    // Asked for once more without a version, it stays; in another version it moves.
    expect(pins(await add(FD, JQ))).toEqual(['apt:fd-find@8.6.0-3', 'apt:jq@1.6-2'])
    expect(runner.builds[1]?.packages).toEqual([FD, { ...JQ, version: '1.6-2' }])
    expect((await recorded()).map(({ addedAt }) => addedAt)).toEqual([NOW + 5, NOW])
    expect(pins(await add({ ...JQ, version: '1.7-1' }))).toContain('apt:jq@1.7-1')
  })

  it('knows a pip package under each of its spellings', async () => {
    const { add, call } = await open()
    expect(pins(await add({ manager: 'pip', name: 'Ruamel.YAML' }))).toEqual([
      'pip:ruamel-yaml@0.18.6',
    ])
    const twice = ['ruamel_yaml', 'ruamel-yaml'].map((name) => ({ manager: 'pip', name }))
    expect(await add(...twice)).toMatchObject(refusedWith('INVALID_REQUEST', 'twice'))
    const removed = await call('remove', { packages: [{ manager: 'pip', name: 'ruamel.yaml' }] })
    expect(pins(removed)).toEqual([])
  })

  it('shows the caller what the build says', async () => {
    const { add, published, world } = await open()
    await add(JQ)
    await world.settled()
    expect(published.filter(({ event }) => event === 'agents.packages.progress')).toEqual([
      {
        event: 'agents.packages.progress',
        payload: { agentId: 'default', lines: ['Setting up jq'] },
        audience: { kind: 'user', userId: 'olga' },
      },
    ])
  })

  it('gathers the lines of a build that writes thousands', async () => {
    const { add, published, runner, world } = await open()
    runner.onBuild = () => [
      ...Array.from({ length: 2_000 }, (_, i) => ({ event: 'progress', line: `${i}` }) as const),
      { event: 'built', packages: [{ ...JQ, manager: 'apt', version: '1.6-2' }], imageId: 'i' },
    ]
    expect(await add(JQ)).toMatchObject({ ok: true })
    await world.settled()
    const sent = published.map(({ payload }) => (payload as { lines: string[] }).lines)
    expect(sent.length).toBe(2)
    expect(sent[0]).toEqual(['0'])
    expect(sent[1]?.length).toBe(20)
    expect(sent[1]?.at(-1)).toBe('1999')
  })

  it('records nothing when the build fails, and says why', async () => {
    const { add, recorded } = await open()
    await add(JQ)
    expect(await add({ manager: 'apt', name: 'absent' })).toMatchObject(
      refusedWith('FAILED_PRECONDITION', 'there is no package absent'),
    )
    expect((await recorded()).map(({ name }) => name)).toEqual(['jq'])
  })

  it('records nothing of a runner’s that built something else', async () => {
    const { add, recorded, runner } = await open()
    runner.onBuild = () => [
      {
        event: 'built',
        packages: [{ manager: 'apt', name: 'netcat', version: '1' }],
        imageId: 'sha256:1',
      },
    ]
    expect(await add(JQ)).toMatchObject(refusedWith('FAILED_PRECONDITION', 'other packages'))
    expect(await recorded()).toEqual([])
  })

  it('records after a connection that was lost, when it is repeated', async () => {
    const { add, recorded, runner } = await open()
    runner.onBuild = () => [{ event: 'progress', line: 'Unpacking' }]
    expect(await add(JQ)).toMatchObject(refusedWith('UNAVAILABLE'))
    expect(await recorded()).toEqual([])
    runner.onBuild = () => null
    expect(pins(await add(JQ))).toEqual(['apt:jq@1.6-2'])
  })

  it('is refused clearly without a runner, and says when to come back to a busy one', async () => {
    const { add } = await open({ hasRunner: false })
    expect(await add(JQ)).toMatchObject(refusedWith('UNAVAILABLE', 'there is no runner'))
    const busy = await open()
    busy.runner.onBuild = () => ({ refused: 'CAPACITY', retryAfterMs: 9_000 })
    expect(await busy.add(JQ)).toMatchObject({
      ok: false,
      error: { code: 'UNAVAILABLE', retryable: true, retryAfterMs: 9_000 },
    })
  })

  it.each([
    ['an option', { manager: 'apt', name: '-oDpkg::Pre-Invoke::=id' }],
    ['an option of pip', { manager: 'pip', name: '--index-url' }],
    ['a URL', { manager: 'npm', name: 'https://example.org/a.tgz' }],
    ['a path', { manager: 'apt', name: './evil.deb' }],
    ['a shell’s words', { manager: 'pip', name: 'a; id' }],
    ['a removal', { manager: 'apt', name: 'bash-' }],
    ['a range', { manager: 'npm', name: 'left-pad', version: '^1.0.0' }],
    ['another manager', { manager: 'gem', name: 'rake' }],
  ])('refuses %s before anybody is asked', async (_what, wanted) => {
    const { add, runner } = await open()
    expect(await add(wanted)).toMatchObject(refusedWith('INVALID_REQUEST'))
    expect(runner.builds).toEqual([])
  })

  it('takes 64 packages, and neither 65 at once nor the one that would be the 65th', async () => {
    const { add, runner, recorded } = await open()
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ manager: 'apt', name: `package-${i}` }))
    runner.index = Object.fromEntries(many(70).map(({ name }) => [`apt:${name}`, '1']))
    expect(await add(...many(65))).toMatchObject(refusedWith('INVALID_REQUEST'))
    expect(await add(...many(64))).toMatchObject({ ok: true })
    expect((await recorded()).length).toBe(64)
    expect(await add({ manager: 'apt', name: 'package-64' })).toMatchObject(
      refusedWith('RESOURCE_EXHAUSTED', '64'),
    )
    expect(await add({ manager: 'apt', name: 'package-63' })).toMatchObject({ ok: true })
    expect(runner.builds.length).toBe(2)
  })

  it('is for admins', async () => {
    const { call, runner } = await open()
    for (const name of ['add', 'remove'] as const) {
      const denied = await call(name, { packages: [JQ] }, 'viewer')
      expect(denied).toMatchObject(refusedWith('UNAUTHORIZED'))
    }
    expect(runner.builds).toEqual([])
  })

  it('does not know another tenant’s agent', async () => {
    const { call, runner, world } = await open()
    const other = await newTenant(world)
    const foreign = (await loadSnapshot(world.db, other))?.agents[0]?.id
    for (const name of ['list', 'add', 'remove'] as const) {
      const denied = await call(name, { agentId: foreign, packages: [JQ] })
      expect(denied).toMatchObject(refusedWith('NOT_FOUND', 'agent'))
    }
    expect(runner.builds).toEqual([])
  })

  it('is not for an agent whose sandbox policy names an image', async () => {
    const { callerOf, add, runner } = await open()
    const update = { id: 'default', sandbox: { image: 'own:1' } }
    expect(await dispatchByName('agents.update', update, await callerOf('admin'))).toMatchObject({
      ok: true,
    })
    expect(await add(JQ)).toMatchObject(refusedWith('FAILED_PRECONDITION', 'names another'))
    expect(runner.builds).toEqual([])
  })
})

describe('while an image is being built', () => {
  /** Starts an add, and holds its build until `finish` is called. */
  async function held() {
    const opened = await open()
    const gate = Promise.withResolvers<null>()
    const isAsked = Promise.withResolvers<void>()
    opened.runner.onBuild = () => {
      isAsked.resolve()
      return gate.promise
    }
    const first = opened.add(JQ)
    await isAsked.promise
    opened.runner.onBuild = () => null
    const finish = () => {
      gate.resolve(null)
      return first
    }
    return { ...opened, finish }
  }

  it('another admin’s packages are not lost: the later one is told, and can repeat it', async () => {
    const { add, finish, recorded } = await held()
    expect(pins(await add(FD))).toEqual(['apt:fd-find@8.6.0-3'])
    expect(await finish()).toMatchObject(refusedWith('FAILED_PRECONDITION', 'meanwhile'))
    expect((await recorded()).map(({ name }) => name)).toEqual(['fd-find'])
    expect(pins(await add(JQ))).toEqual(['apt:fd-find@8.6.0-3', 'apt:jq@1.6-2'])
  })

  it('other changes of the agent do not stand in the way', async () => {
    const { callerOf, finish, recorded } = await held()
    await dispatchByName('agents.update', { id: 'default', name: 'New' }, await callerOf('admin'))
    expect(await finish()).toMatchObject({ ok: true })
    expect((await recorded()).length).toBe(1)
  })

  it('rights may end: then nothing is recorded', async () => {
    const { world, tenantId, finish, recorded } = await held()
    const demoted = { userId: user('olga'), role: 'owner' } as const
    await setMembership(world.db, tenantId, { userId: user('otto'), role: 'owner' }, NOW)
    await setMembership(world.db, tenantId, { ...demoted, role: 'viewer' }, NOW)
    expect(await finish()).toMatchObject(refusedWith('FAILED_PRECONDITION', 'rights'))
    expect(await recorded()).toEqual([])
  })

  it('the agent may go', async () => {
    const { world, finish } = await held()
    await world.sqlite.d1.prepare('delete from agents').run()
    expect(await finish()).toMatchObject(refusedWith('NOT_FOUND', 'agent'))
  })
})

describe('removing packages', () => {
  it('keeps the rest as it was, and asks no runner', async () => {
    const { add, call, runner, recorded, world } = await open()
    await add(JQ, FD)
    const before = await recorded()
    vi.stubGlobal('fetch', () => Promise.reject(new Error('nobody there')))
    expect(pins(await call('remove', { packages: [JQ] }))).toEqual(['apt:fd-find@8.6.0-3'])
    expect(await recorded()).toEqual(before.filter(({ name }) => name === 'fd-find'))
    expect(pins(await call('remove', { packages: [FD] }))).toEqual([])
    expect(runner.builds.length).toBe(1)
    await world.settled()
    expect(world.events.map(({ fields }) => fields['packages'])).toEqual([2, 1, 0])
  })

  it('rejects one that is not there, and then removes none', async () => {
    const { add, call, recorded } = await open()
    await add(JQ)
    expect(await call('remove', { packages: [JQ, FD] })).toMatchObject(
      refusedWith('NOT_FOUND', 'apt:fd-find'),
    )
    expect((await recorded()).length).toBe(1)
  })
})
