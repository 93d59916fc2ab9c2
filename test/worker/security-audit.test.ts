/** The security audit over a real tenant: what it finds, mends, and tells to whom. */
import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { tenantObjectName } from '../../src/domain/object-name.ts'
import {
  bindings,
  connected,
  createKey,
  createTenant,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'

let platform: TestSocket
let tenantId: string
let admin: TestSocket
let stranger: TestSocket

beforeAll(async () => {
  await migrate()
  platform = await operator()
  const open = async (slug: string): Promise<[string, TestSocket]> => {
    const id = await createTenant(platform, slug)
    await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'olga', role: 'owner' })
    return [id, await connected({ token: TOKEN, tenant_id: id, user_id: 'olga' })]
  }
  ;[tenantId, admin] = await open('audited')
  ;[, stranger] = await open('audited-too')
}, 60_000)

interface Report extends Readonly<Record<string, unknown>> {
  readonly summary: Readonly<Record<string, number>>
  readonly findings: readonly { readonly checkId: string; readonly detail: string }[]
  readonly fixed: readonly string[]
  readonly suppressed: readonly string[]
}

const audit = async (
  by: TestSocket,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Report> => (await by.ask('security.audit', params)) as Report

const idsOf = ({ findings }: Report): readonly string[] => findings.map(({ checkId }) => checkId)

describe('the security audit', () => {
  it('finds what a tenant has set up, and nothing of its neighbour’s', async () => {
    await admin.ask('config.patch', {
      raw: {
        tools: { scrub_credentials: false, deny: ['exce'], shellDenyGroups: { env_dump: false } },
        gateway: { injection_action: 'off', rate_limit_rpm: 0 },
      },
    })
    await createKey(platform, tenantId, { scopes: ['operator.admin'], owner: 'ada' })
    const report = await audit(admin)
    expect(idsOf(report)).toEqual(
      expect.arrayContaining([
        'tools.scrub_off',
        'tools.deny_rule_ineffective',
        'tools.deny_groups_relaxed',
        'tools.exec.security_full',
        'input.injection_action_off',
        'gateway.rate_limit_off',
        'keys.no_expiry',
        'tenants.single_admin',
        'budgets.none',
        'retention.unlimited',
        'summary.attack_surface',
      ]),
    )
    expect(report.summary['critical']).toBeGreaterThan(0)
    const neighbour = idsOf(await audit(stranger))
    expect(neighbour).not.toContain('tools.scrub_off')
    expect(neighbour).not.toContain('keys.no_expiry')
  })

  it('tells of the platform to its operator alone', async () => {
    const own = await audit(platform)
    const surface = own.findings.find(({ checkId }) => checkId === 'summary.attack_surface')
    expect(surface?.detail).toContain('runners')
    const tenants = await audit(admin, { deep: true })
    expect(JSON.stringify(tenants)).not.toMatch(/runner|EDGECLAW_TOKEN/)
    expect(tenants['deep']).toEqual({ probed: ['audit chain'] })
  })

  it('mends what loses nothing, once asked, and reports what is left', async () => {
    const key = await createKey(platform, tenantId, { scopes: ['operator.read'], owner: 'bob' })
    await bindings.DB.batch([
      bindings.DB.prepare(
        "UPDATE llm_providers SET sealed_api_key = 'plain-key-of-before' WHERE tenant_id = ?",
      ).bind(tenantId),
      bindings.DB.prepare('UPDATE tenants SET version = version + 1 WHERE id = ?').bind(tenantId),
    ])
    await evictDurableObject(bindings.TENANTS.getByName(tenantObjectName(tenantId as TenantId)))
    const before = await audit(admin)
    expect(idsOf(before)).toEqual(expect.arrayContaining(['secrets.plaintext_rows']))
    expect(before.fixed).toEqual([])
    expect(JSON.stringify(before)).not.toContain('plain-key-of-before')
    const after = await audit(admin, { fix: true })
    expect(after.fixed).toEqual(['tools.scrub_off'])
    for (const mended of after.fixed) expect(idsOf(after)).not.toContain(mended)
    // Whoever wrote that there could have meant it to be sealed: where none is accepted, it is told only.
    expect(after.findings).toContainEqual(
      expect.objectContaining({ checkId: 'secrets.plaintext_rows', autoFix: false }),
    )
    expect(idsOf(after)).toContain('keys.no_expiry')
    const { config } = await admin.ask('config.get')
    expect(config).toMatchObject({
      tools: { scrub_credentials: true, deny: ['exce'] },
      gateway: { injection_action: 'off' },
    })
    const { results } = await bindings.DB.prepare(
      'SELECT sealed_api_key AS sealed FROM llm_providers WHERE tenant_id = ?',
    )
      .bind(tenantId)
      .all<{ sealed: string }>()
    expect(results).toEqual([{ sealed: 'plain-key-of-before' }])
    const { records } = await admin.ask('audit.list', { limit: 1 })
    expect(records).toMatchObject([
      { name: 'security.audit', fields: { fixed: 'tools.scrub_off' } },
    ])
    const ended = await audit(admin, { fix: true, expire_keys_in: 86_400 })
    expect(ended.fixed).toEqual(['keys.no_expiry'])
    expect(idsOf(ended)).not.toContain('keys.no_expiry')
    const { keys } = await admin.ask('api_keys.list')
    const bobs = (keys as { id: string; expires_at: string | null; revoked: boolean }[]).find(
      ({ id }) => id === key.id,
    )
    expect(bobs).toMatchObject({ revoked: false, expires_at: expect.stringMatching(/Z$/) })
    expect((await connected({ token: key.key })).isOpen).toBe(true)
  })

  it('lets somebody answer for a finding with a reason, in the open and for a time', async () => {
    for (const params of [
      { checkId: 'budgets.none', reason: 'because' },
      { checkId: 'audit.chain_broken', reason: 'nobody needs to know' },
    ]) {
      const refused = await admin.refused('security.audit.suppress', params)
      expect(refused.code, params.checkId).toBe('INVALID_REQUEST')
    }
    const reason = 'a pilot with free models'
    await admin.ask('security.audit.suppress', { checkId: 'budgets.none', reason, expires_in: 600 })
    const report = await audit(admin)
    expect(idsOf(report)).not.toContain('budgets.none')
    expect(report.suppressed).toEqual(['budgets.none'])
    const told = report.findings.find(
      ({ checkId }) => checkId === 'security.audit.suppressions.active',
    )
    expect(told?.detail).toContain(`budgets.none (olga: ${reason})`)
    expect(idsOf(await audit(stranger))).toContain('budgets.none')
    expect(
      (await stranger.refused('security.audit.unsuppress', { checkId: 'budgets.none' })).code,
    ).toBe('NOT_FOUND')
    expect((await admin.ask('security.audit.suppressions'))['suppressions']).toMatchObject([
      { checkId: 'budgets.none', reason, created_by: 'olga' },
    ])
    await admin.ask('security.audit.unsuppress', { checkId: 'budgets.none' })
    expect(idsOf(await audit(admin))).toContain('budgets.none')
  })
})
