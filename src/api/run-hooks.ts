/** Run hooks of the tenant: whom its runs ask, at which point, and what a silence means. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { sealRunHookSecret } from '../crypto/run-hook-secret.ts'
import { newWebhookSecret } from '../crypto/standard-webhook.ts'
import { createRunHook, deleteRunHook, updateRunHook } from '../db/run-hooks.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { RUN_HOOK_EVENTS, type RunHook } from '../domain/run-hook.ts'
import { ADMIN } from './access.ts'
import { namesOf } from './audit-names.ts'
import { reference } from './mcp-server-fields.ts'
import { operation } from './operation.ts'
import {
  checkHook,
  createFields,
  hookRow,
  listedHook,
  namedHook,
  toListed,
  toRow,
  updateFields,
} from './run-hook-fields.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** Every one of them may take its seconds of every call. */
const MAX_HOOKS = 20

export const hooksList = operation({
  name: 'hooks.list',
  summary: 'The run hooks of the tenant, in the order in which they are asked',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ hooks: z.array(listedHook) }),
  http: { method: 'GET', path: '/v1/hooks' },
  run: async ({ snapshot }) => ok({ hooks: snapshot.runHooks.map(toListed) }),
})

export const hooksGet = operation({
  name: 'hooks.get',
  summary: 'One run hook with its address; its secret is masked',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: hookRow,
  http: { method: 'GET', path: '/v1/hooks/{id}' },
  run: async ({ snapshot }, { id }) => {
    const found = namedHook(snapshot, id)
    return found.ok ? ok(toRow(found.value)) : found
  },
})

export const hooksCreate = operation({
  name: 'hooks.create',
  summary: 'Adds a run hook; a signing secret that is made for it is shown once',
  access: ADMIN,
  answersSecret: true,
  params: z.object(createFields),
  result: hookRow,
  http: { method: 'POST', path: '/v1/hooks', status: 201 },
  audit: ({ name, events }, { id }) => ({ hook: id, name, events: events.join(' ') }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    if (snapshot.runHooks.length >= MAX_HOOKS) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_HOOKS} run hooks`))
    }
    const id = newId('hok')
    const made = params.secret === undefined ? newWebhookSecret() : null
    const { keyRing } = services
    const hook: RunHook = {
      id,
      name: params.name,
      url: params.url,
      sealedSecret: await sealRunHookSecret(keyRing, tenantId, id, params.secret ?? made ?? ''),
      events: params.events,
      agents: params.agents,
      failure: params.failure,
      allowPrivateNetwork: params.allow_private_network,
      enabled: params.enabled,
      revision: 1,
    }
    const checked = checkHook(context, hook)
    if (!checked.ok) return checked
    const created = await changeTenant(services, tenantId, () =>
      createRunHook(services.database(tenantId), tenantId, hook, services.now()),
    )
    const taken = `there is a run hook ${JSON.stringify(params.name)} already`
    return created.ok ? ok(toRow(created.value, made)) : err(refusal('ALREADY_EXISTS', taken))
  },
})

export const hooksUpdate = operation({
  name: 'hooks.update',
  summary: 'Changes a run hook; another origin erases its secret unless one comes along',
  access: ADMIN,
  answersSecret: true,
  params: z.object({ id: reference, ...updateFields }),
  result: hookRow,
  http: { method: 'PUT', path: '/v1/hooks/{id}' },
  audit: (params, { id }) => ({ hook: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedHook(snapshot, params.id)
    if (!found.ok) return found
    const hook = found.value
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    const fields = {
      url: params.url ?? hook.url,
      events: params.events ?? hook.events,
      agents: params.agents ?? hook.agents,
      failure: params.failure ?? hook.failure,
      allowPrivateNetwork: params.allow_private_network ?? hook.allowPrivateNetwork,
      enabled: params.enabled ?? hook.enabled,
    }
    // An agent that is gone may stay in a list.
    const checked = checkHook(context, { ...fields, agents: params.agents ?? [] })
    if (!checked.ok) return checked
    const made = params.renew && params.secret === undefined ? newWebhookSecret() : null
    const secret = params.secret ?? made
    const { keyRing } = services
    const sealed =
      secret === null
        ? {}
        : { sealedSecret: await sealRunHookSecret(keyRing, tenantId, hook.id, secret) }
    const updated = await changeTenant(services, tenantId, () =>
      updateRunHook(
        services.database(tenantId),
        tenantId,
        hook,
        { fields, ...sealed },
        services.now(),
      ),
    )
    if (updated.ok) return ok(toRow(updated.value, made))
    const message = 'the hook was changed by somebody else at the same moment; look again'
    return err(refusal('FAILED_PRECONDITION', message))
  },
})

export const hooksDelete = operation({
  name: 'hooks.delete',
  summary: 'Deletes a run hook with its secret',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/hooks/{id}' },
  audit: ({ id }) => ({ hook: id }),
  run: async ({ services, principal, snapshot }, { id }) => {
    const found = namedHook(snapshot, id)
    if (!found.ok) return found
    const { tenantId } = principal
    const deleted = await changeTenant(services, tenantId, () =>
      deleteRunHook(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('hook'))
  },
})

export const hooksTest = operation({
  name: 'hooks.test',
  summary: 'Asks a run hook about nothing in particular, and shows what it says',
  access: ADMIN,
  params: z.object({ id: reference, event: z.enum(RUN_HOOK_EVENTS).optional() }),
  result: z.object({
    decision: z.enum(['allow', 'block']),
    reason: z.string(),
    context: z.string(),
  }),
  http: { method: 'POST', path: '/v1/hooks/{id}/test' },
  run: async (context, { id, event }) => {
    const found = namedHook(context.snapshot, id)
    if (!found.ok) return found
    const hook = found.value
    const asked = await context.runHooks.test(hook, event ?? hook.events[0] ?? 'stop')
    if (asked.ok) return ok({ ...asked.value })
    return err(refusal('UNAVAILABLE', `the hook ${hook.name} could not be used: ${asked.error}`))
  },
})
