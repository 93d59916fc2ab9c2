/** The audit over a tenant as operations set it up: what is gathered, told and mended. */
import { describe, expect, it } from 'vitest'
import { sealChannelCredentials } from '../../../src/crypto/channel-secret.ts'
import type { SecurityReport } from '../../../src/domain/security-finding.ts'
import { asked, type Caller } from '../api/control.ts'
import { openChannels } from './channels/world.ts'
import { bearer, settings, TOKEN, useQuietLog } from './world.ts'

const lines = useQuietLog()

async function open() {
  const channels = await openChannels()
  const { world, tenant } = channels
  const operator: Caller = { credential: bearer(TOKEN), claims: { tenant } }
  const admin: Caller = { credential: bearer(TOKEN), claims: { tenant, userId: 'adam' } }
  const audit = (by = operator, params: Readonly<Record<string, unknown>> = {}) =>
    asked(world, by, 'security.audit', params) as unknown as Promise<
      SecurityReport & { readonly fixed: readonly string[] }
    >
  const idsOf = async (family: RegExp, by = operator): Promise<readonly string[]> => {
    const { findings } = await audit(by)
    return findings.map(({ checkId }) => checkId).filter((id) => family.test(id))
  }
  const ask = (name: string, params: Readonly<Record<string, unknown>>, by = operator) =>
    asked(world, by, name, params)
  return { ...channels, operator, admin, audit, idsOf, ask }
}

describe('of channels', () => {
  it('nothing is found where they are set up as they come', async () => {
    const { add, idsOf } = await open()
    await add('whatsapp')
    expect(await idsOf(/^(?:channels|exposure)\./)).toEqual([])
  })

  it('what holds is judged: the instance’s own word, else the tenant’s', async () => {
    const { add, change, configure, idsOf } = await open()
    await configure({ channels: { defaults: { dm_policy: 'open', allow_from: ['*'] } } })
    const first = await add('whatsapp')
    expect(await idsOf(/^(?:channels|exposure)\./)).toEqual([
      'channels.whatsapp.dm.open',
      'exposure.open_channels_with_exec',
    ])
    await change(first, { config: { allow_from: ['4915100000000'] } })
    expect(await idsOf(/^(?:channels|exposure)\./)).toEqual(['channels.whatsapp.dm.open_invalid'])
  })

  it('the tools that the channel denies are reached by nobody through it', async () => {
    const { add, idsOf } = await open()
    await add('whatsapp', {
      config: { group_policy: 'open', tools: { deny: ['group:runtime', 'group:automation'] } },
    })
    expect(await idsOf(/^exposure\./)).toEqual(['exposure.open_groups_with_control_plane_tools'])
    await add('whatsapp', { config: { group_policy: 'open', tools: { profile: 'minimal' } } })
    expect(await idsOf(/^exposure\./)).toHaveLength(1)
    const closed = await open()
    await closed.add('whatsapp', {
      config: { group_policy: 'open', tools: { profile: 'minimal' } },
    })
    expect(await closed.idsOf(/^exposure\./)).toEqual([])
  })

  it('a missing mention gate, a shared conversation and entries for nobody are found', async () => {
    const { add, idsOf } = await open()
    await add('whatsapp', {
      config: {
        groups: { '*': { require_mention: false } },
        dm_scope: 'main',
        allow_from: ['telegram:42', '4915100000000'],
      },
    })
    expect(await idsOf(/^channels\./)).toEqual([
      'channels.whatsapp.dm.scope_main_multiuser',
      'channels.whatsapp.allowFrom.invalid_entries',
      'channels.whatsapp.group.open',
      'channels.whatsapp.group.no_mention_gate',
    ])
  })

  it('credentials that are missing, or cannot be read, are found without being told', async () => {
    const { add, audit, idsOf } = await open()
    await add('whatsapp', { sealedCredentials: null })
    await add('webhook', { sealedCredentials: 'aes-gcm:nothing' })
    expect(await idsOf(/credentials_missing/)).toEqual([
      'channels.whatsapp.credentials_missing',
      'hooks.credentials_missing',
    ])
    await add('whatsapp')
    expect(JSON.stringify([await audit(), lines])).not.toContain('canary')
  })

  it('the fix closes open groups, by the instance and by the tenant, and keeps their lists', async () => {
    const { add, audit, configure, snapshot, idsOf } = await open()
    await configure({ channels: { defaults: { group_policy: 'open' } }, tools: { deny: ['edit'] } })
    const groups = { team: { require_mention: true } }
    await add('whatsapp', { config: { group_policy: 'open', groups } })
    await add('whatsapp', { config: { dm_policy: 'disabled' } })
    expect(await idsOf(/group\.open$/)).toEqual(['channels.whatsapp.group.open'])
    const { fixed } = await audit(undefined, { fix: true })
    expect(fixed).toEqual(['channels.whatsapp.group.open'])
    expect(await idsOf(/group\.open$/)).toEqual([])
    const now = await snapshot()
    expect(now.config.channels.defaults.group_policy).toBe('allowlist')
    expect(now.config.tools.deny).toEqual(['edit'])
    expect(now.channelInstances.map(({ config }) => config)).toEqual(
      expect.arrayContaining([{ group_policy: 'allowlist', groups }, { dm_policy: 'disabled' }]),
    )
    // As any change of the configuration it is told.
    expect(JSON.stringify(lines)).toContain('config_changed')
    expect((await audit(undefined, { fix: true })).fixed).toEqual([])
  })
})

describe('of hooks that are called from outside', () => {
  it('how they are proven and what callers choose is found', async () => {
    const { add, idsOf } = await open()
    const hooks = { build: { allow_session_key: true, session_prefix: 'ci' } }
    await add('webhook', { config: { hooks } })
    expect(await idsOf(/^hooks\./)).toEqual([
      'hooks.request_session_key_enabled',
      'hooks.request_session_key_prefixes_missing',
      'hooks.no_hmac',
    ])
  })

  it('a secret that is the gateway’s token is told to the operator of the gateway alone', async () => {
    const { add, change, world, tenant, admin, idsOf } = await open()
    const { token } = settings()
    const hook = await add('webhook')
    const sealed = await sealChannelCredentials(world.services.keyRing, tenant, hook.id, {
      proof: 'bearer',
      secret: token ?? '',
    })
    await change(hook, { sealedCredentials: sealed })
    expect(await idsOf(/token_reuse/)).toEqual(['hooks.token_reuse_gateway_token'])
    expect(await idsOf(/token_reuse/, admin)).toEqual([])
  })
})

describe('of what agents reach, and what starts them', () => {
  const inside = { url: 'http://10.0.0.7/x?key=canary-of-the-url', allow_private_network: true }
  const outside = 'https://out.example/x'
  const SURFACE = /^(?:mcp|run_hooks|custom_tools|skills|cron|traces)\./
  const tool = { name: 'custom_look', kind: 'http', description: 'looks', path: '/x' }

  it('what lies inside, in the clear or with everybody is found', async () => {
    const { ask, audit, idsOf } = await open()
    await ask('mcp.servers.create', { name: 'files', agents: ['*'], ...inside })
    await ask('hooks.create', {
      name: 'guard',
      events: ['pre_tool_use'],
      failure: 'open',
      url: 'http://10.0.0.7/x',
      allow_private_network: true,
    })
    await ask('tools.custom.create', {
      ...tool,
      agents: ['*'],
      origin: 'http://10.0.0.7',
      allow_private_network: true,
    })
    await ask('traces.exporter.set', {
      endpoint: 'http://10.0.0.7/v1',
      allow_private_network: true,
    })
    await ask('cron.create', { name: 'mornings', when: 'every 1h', message: 'look' })
    expect([...(await idsOf(SURFACE))].sort()).toEqual([
      'cron.operator_rights',
      'cron.unattended_exec',
      'custom_tools.plain_http',
      'custom_tools.private_url',
      'custom_tools.unrestricted',
      'mcp.plain_http',
      'mcp.private_url',
      'mcp.query_in_url',
      'mcp.unrestricted',
      'run_hooks.fail_open',
      'run_hooks.plain_http',
      'run_hooks.private_url',
      'traces.exporter.plain_http',
      'traces.exporter.private_url',
    ])
    expect(JSON.stringify(await audit())).not.toContain('canary')
  })

  it('nothing is found where each is outside, encrypted and for whom it is meant', async () => {
    const { ask, admin, idsOf, configure } = await open()
    await configure({ tools: { execApproval: { security: 'allowlist' } } })
    await ask('mcp.servers.create', { name: 'files', url: outside, agents: ['default'] }, admin)
    await ask('hooks.create', { name: 'guard', events: ['pre_tool_use'], url: outside }, admin)
    await ask(
      'tools.custom.create',
      { ...tool, agents: ['default'], origin: 'https://out.example' },
      admin,
    )
    await ask('traces.exporter.set', { endpoint: outside }, admin)
    expect(await idsOf(SURFACE)).toEqual([])
  })

  it('a schedule of an admin is told as that, and one that is off not at all', async () => {
    const { ask, admin, idsOf, configure } = await open()
    await configure({ tools: { execApproval: { security: 'allowlist' } } })
    const made = await ask('cron.create', { name: 'a', when: 'every 1h', message: 'look' }, admin)
    expect(await idsOf(/^cron\./)).toEqual(['cron.admin_rights'])
    const { id } = made['job'] as { id: string }
    await ask('cron.toggle', { jobId: id, enabled: false }, admin)
    expect(await idsOf(/^cron\./)).toEqual([])
  })
})

describe('of secrets at rest', () => {
  it('those of every table are counted, hooks and channels too', async () => {
    const { add, change, audit } = await open()
    const instance = await add('whatsapp')
    const plain = async () =>
      (await audit()).findings.find(({ checkId }) => checkId === 'secrets.plaintext_rows')
    expect(await plain()).toBeUndefined()
    await change(instance, { sealedCredentials: '{"canary":"x"}' })
    const found = await plain()
    expect(found?.detail).toContain('1 values')
    expect(JSON.stringify(found)).not.toContain('canary')
  })
})
