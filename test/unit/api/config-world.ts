/** The configuration's operations as somebody of a tenant asks for them, and what comes of it. */
import type { OperationContext } from '../../../src/api/context.ts'
import { findOperation } from '../../../src/api/registry.ts'
import type { TenantConfig } from '../../../src/domain/config/tenant-config.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import type { TenantPort } from '../../../src/domain/ports/tenant.ts'
import type { Scope } from '../../../src/domain/principal.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { contextOf } from '../../../src/gateway/dispatch.ts'
import { freshSnapshot } from '../../../src/gateway/freshness.ts'
import { RATE_TAKEN } from '../../../src/gateway/operation-rate.ts'
import { newKey, newTenant, openWorld, settings, type World } from '../gateway/world.ts'

interface Published {
  readonly event: string
  readonly payload: unknown
  readonly audience: unknown
}

export type Call = (
  name: string,
  params?: unknown,
) => Promise<{ readonly ok: boolean; readonly value?: unknown; readonly error?: unknown }>

export interface ConfigWorld {
  readonly world: World
  readonly tenantId: TenantId
  readonly brackets: string[]
  readonly published: Published[]
  /** As the owner of a key with this scope. */
  as(
    ownerId: string,
    scope: Scope,
  ): Promise<{ readonly call: Call; readonly context: OperationContext }>
  current(): Promise<TenantConfig>
}

/** Brackets and events of the tenant's object are noted. */
export async function openConfigWorld(world: World = openWorld()): Promise<ConfigWorld> {
  const tenantId = await newTenant(world)
  const brackets: string[] = []
  const published: Published[] = []
  const tenant = (id: TenantId): TenantPort => ({
    ...world.services.tenant(id),
    changing: async () => void brackets.push('changing'),
    changed: async () => {
      brackets.push('changed')
      return { found: false }
    },
    publish: async (event, payload, audience) => void published.push({ event, payload, audience }),
  })
  return {
    world,
    tenantId,
    brackets,
    published,
    as: async (ownerId, scope) => {
      const { credential } = await newKey(world, tenantId, { ownerId, scopes: [scope] })
      const context = async (): Promise<OperationContext> => {
        const facts = { clientAddress: '203.0.113.7', isDevelopment: false }
        const proven = await authenticate(credential, {}, facts, world.services, settings())
        if (!proven.ok) throw new Error(proven.error.kind)
        return contextOf({
          ...proven.value,
          services: { ...world.services, tenant },
          settings: settings(),
          replyTo: { kind: 'none' },
          defaultSessionKey: null,
          operations: RATE_TAKEN,
        })
      }
      const call: Call = async (name, params = {}) => {
        const operation = findOperation(name)
        if (!operation) throw new Error(`no operation ${name}`)
        // As the dispatcher does: with the tenant as it is now.
        const answer = await operation.run(await context(), operation.params.parse(params))
        return answer as Awaited<ReturnType<Call>>
      }
      return { call, context: await context() }
    },
    current: async () => {
      const snapshot = await freshSnapshot(world.services, tenantId)
      if (!snapshot) throw new Error('no tenant')
      return snapshot.config
    },
  }
}
