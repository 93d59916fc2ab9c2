import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sealCliEnvironment } from '../../../src/crypto/cli-credential.ts'
import {
  type BinaryPatch,
  createBinary,
  grantBinary,
  revokeGrant,
  updateBinary,
} from '../../../src/db/secure-cli.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import type { AgentId, BinaryId, TenantId, UserId } from '../../../src/domain/ids.ts'
import type { AgentPackage } from '../../../src/domain/sandbox-package.ts'
import { type SecurityEvent, securityEvent } from '../../../src/domain/security-event.ts'
import { createCredentials, releasedRefusal } from '../../../src/gateway/credentials.ts'
import { createRunRelease } from '../../../src/gateway/release.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { binary } from '../../support/credentialed.ts'
import { NOW, newTenant, openWorld, type World } from './world.ts'

const SECRET = 'the-token-of-this-test-0123456789'
const GH = { id: 'bin_gh' as BinaryId, name: 'gh', absolutePath: '/usr/bin/gh', hosts: [] }

let world: World
let tenantId: TenantId
beforeEach(async () => {
  world = openWorld()
  tenantId = await newTenant(world)
  const { grants: _, hasCredential: __, ...fields } = binary('gh')
  const sealedEnv = await sealCliEnvironment(world.services.keyRing, tenantId, GH.id, {
    GH_TOKEN: SECRET,
  })
  await createBinary(world.db, tenantId, { ...fields, sealedEnv }, NOW)
  await grant(NOW - 3)
})
afterEach(() => void vi.useRealTimers())

const JQ = { manager: 'apt', name: 'jq', version: '1.6', addedBy: 'olga' } as const
const added = (addedAt: number): AgentPackage => ({ ...JQ, addedAt })

/** The tenant's own agent, which is there from its beginning. */
const agentOf = (tenant: TenantId) => `agt_${tenant.slice(4)}` as AgentId
const grant = (at: number) => {
  const fields = { binaryId: GH.id, agentId: agentOf(tenantId), denyArgs: [] }
  return grantBinary(world.db, tenantId, { ...fields, grantedBy: 'olga' as UserId }, at)
}
const change = (patch: BinaryPatch, at: number) =>
  updateBinary(world.db, tenantId, GH.id, patch, at)
const resealed = () =>
  sealCliEnvironment(world.services.keyRing, tenantId, GH.id, { GH_TOKEN: SECRET })

function open(of = tenantId, packages: readonly AgentPackage[] = []) {
  const dictionary = createSecretDictionary()
  const events: SecurityEvent[] = []
  const opened = createCredentials({
    services: world.services,
    tenantId: of,
    agent: { id: agentOf(of), packages: [...packages] },
    dictionary,
    acceptPlaintext: false,
    report: (event) => events.push(event),
  }).open(GH)
  return { opened, dictionary, events }
}

/** Denied, in words that hold no reason to try anything but later. */
async function denied(attempt: ReturnType<typeof open>, reason: string): Promise<void> {
  const opened = await attempt.opened
  expect(opened).toEqual({ ok: false, error: expect.stringContaining('Try again') })
  expect(attempt.events).toEqual([
    securityEvent('credentialed_binary_gate_error', {
      binary: 'gh',
      wrapper: '',
      reason,
      agent_id: expect.stringMatching(/^agt_/) as unknown as string,
      tenant_id: expect.any(String) as unknown as string,
    }),
  ])
  expect(attempt.dictionary.size).toBe(0)
}

describe('opening a credential', () => {
  it('hands it out once its values are known to the scrubber, in every form', async () => {
    const { opened, dictionary, events } = open()
    const credential = await opened
    if (!credential.ok) throw new Error(credential.error)
    expect(credential.value.env).toEqual({ GH_TOKEN: SECRET })
    expect(events).toEqual([])
    for (const form of [SECRET, btoa(`x:${SECRET}`), encodeURIComponent(`?t=${SECRET}`)]) {
      expect(dictionary.contains(`a ${form} b`)).toBe(true)
      expect(credential.value.isIn(`a ${form} b`)).toBe(true)
    }
    expect(credential.value.isIn('nothing of it')).toBe(false)
  })

  it('hands it into an image that was there when it was set, and into none that came later', async () => {
    expect(await open(tenantId, [added(NOW - 2), added(NOW - 1)]).opened).toMatchObject({
      ok: true,
    })
    for (const packages of [[added(NOW - 1), added(NOW)], [added(NOW + 1)]]) {
      const { opened, dictionary } = open(tenantId, packages)
      expect(await opened).toEqual({ ok: false, error: expect.stringContaining('set it again') })
      expect(dictionary.size).toBe(0)
    }
    // Touching the binary is not setting its credential.
    await change({ description: 'x', enabled: true }, NOW + 2)
    expect(await open(tenantId, [added(NOW + 1)]).opened).toMatchObject({ ok: false })
    await change({ sealedEnv: await resealed() }, NOW + 2)
    expect(await open(tenantId, [added(NOW + 1)]).opened).toMatchObject({ ok: true })
  })

  it('hands it to no agent with packages that was granted the binary after it was set', async () => {
    const older = [added(NOW - 1)]
    for (const at of [NOW, NOW + 1]) {
      await grant(at)
      expect(await open(tenantId, older).opened).toMatchObject({ ok: false })
      // Without packages the program is the image's own.
      expect(await open().opened).toMatchObject({ ok: true })
    }
    await change({ sealedEnv: await resealed() }, NOW + 2)
    expect(await open(tenantId, older).opened).toMatchObject({ ok: true })
    await revokeGrant(world.db, tenantId, GH.id, agentOf(tenantId))
    expect(await open(tenantId, older).opened).toMatchObject({ ok: false })
  })

  it('hands it to no agent with packages once every agent may call the binary, until it is set again', async () => {
    const older = [added(NOW - 1)]
    await revokeGrant(world.db, tenantId, GH.id, agentOf(tenantId))
    await change({ isGlobal: true }, NOW + 1)
    expect(await open(tenantId, older).opened).toMatchObject({ ok: false })
    expect(await open().opened).toMatchObject({ ok: true })
    await change({ isGlobal: true, sealedEnv: await resealed() }, NOW + 2)
    expect(await open(tenantId, older).opened).toMatchObject({ ok: true })
    // Global it was before: saying so again takes nothing back, a detour over off does.
    await change({ isGlobal: true }, NOW + 3)
    expect(await open(tenantId, older).opened).toMatchObject({ ok: true })
    await change({ isGlobal: false }, NOW + 4)
    await change({ isGlobal: true }, NOW + 5)
    expect(await open(tenantId, older).opened).toMatchObject({ ok: false })
  })

  it('is denied to a call that was judged by what the binary was before', async () => {
    const { keyRing } = world.services
    const env = { GH_TOKEN: `new-${SECRET}` }
    const sealedEnv = await sealCliEnvironment(keyRing, tenantId, GH.id, env)
    await change({ absolutePath: '/opt/gh/bin/gh', sealedEnv }, NOW)
    await denied(open(), 'unreadable')
    await change({ absolutePath: GH.absolutePath, hosts: ['api.github.com'], sealedEnv }, NOW)
    await denied(open(), 'unreadable')
    await change({ hosts: [], sealedEnv, enabled: false }, NOW)
    await denied(open(), 'unreadable')
    await change({ enabled: true }, NOW)
    expect(await open().opened).toMatchObject({ ok: true, value: { env } })
  })

  it('is denied when the database fails', async () => {
    world.sqlite.beforeQuery = () => Promise.reject(new Error('no database'))
    await denied(open(), 'error')
  })

  it('is denied when the database takes longer than two seconds, and not before', async () => {
    vi.useFakeTimers()
    let answer = (): void => undefined
    const slow = () =>
      new Promise<void>((resolve) => {
        answer = resolve
      })
    world.sqlite.beforeQuery = slow
    const late = open()
    await vi.advanceTimersByTimeAsync(2_000)
    await denied(late, 'timeout')
    answer()

    const quick = open()
    await vi.advanceTimersByTimeAsync(1_999)
    answer()
    expect(await quick.opened).toMatchObject({ ok: true })
  })

  it('is denied when it was moved from another row, altered, erased, or is another tenant’s', async () => {
    const store = (sealedEnv: string | null) =>
      updateBinary(world.db, tenantId, GH.id, { sealedEnv }, NOW)
    const { keyRing } = world.services
    const env = { GH_TOKEN: SECRET }
    await store(await sealCliEnvironment(keyRing, tenantId, 'bin_other' as BinaryId, env))
    await denied(open(), 'unreadable')
    await store(JSON.stringify(env))
    await denied(open(), 'unreadable')
    await store(null)
    await denied(open(), 'unreadable')
    await denied(open(await newTenant(world)), 'unreadable')
  })
})

describe('the event of a refusal', () => {
  it('holds the beginning of the command, scrubbed before it is cut', () => {
    const dictionary = createSecretDictionary()
    dictionary.register(SECRET)
    const release = createRunRelease(tenantConfigSchema.parse({}), dictionary, () => undefined)
    const padding = 'x'.repeat(70)
    const event = securityEvent('credentialed_binary_denied', {
      binary: 'gh',
      command: `${padding} ${SECRET} ${padding}`,
    })
    const { fields } = releasedRefusal(event, release)
    expect(fields['command']).toHaveLength(80)
    expect(fields['command']).not.toContain(SECRET.slice(0, 6))
    expect(fields['binary']).toBe('gh')
    const other = securityEvent('tool_denied', { tool: 'exec' })
    expect(releasedRefusal(other, release)).toBe(other)
  })
})
