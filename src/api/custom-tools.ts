/** Tools that the tenant defines itself. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import { createCustomTool, deleteCustomTool, updateCustomTool } from '../db/custom-tools.ts'
import type { CustomTool } from '../domain/custom-tool.ts'
import { jsonObjectSchema } from '../domain/mcp.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { namesOf } from './audit-names.ts'
import {
  blankTool,
  changedFields,
  checkTool,
  createFields,
  listedTool,
  namedTool,
  sealedSecrets,
  toListed,
  toolRow,
  toRow,
  updateFields,
} from './custom-tool-fields.ts'
import { reference } from './mcp-server-fields.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** A model reads all that it is offered with every call. */
const MAX_TOOLS = 100

export const customToolsList = operation({
  name: 'tools.custom.list',
  summary: 'The tools that the tenant has defined itself',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ tools: z.array(listedTool) }),
  http: { method: 'GET', path: '/v1/tools/custom' },
  run: async ({ snapshot }) => ok({ tools: snapshot.customTools.map(toListed) }),
})

export const customToolsGet = operation({
  name: 'tools.custom.get',
  summary: 'One custom tool; headers and variables are masked',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: toolRow,
  http: { method: 'GET', path: '/v1/tools/custom/{id}' },
  run: async ({ snapshot }, { id }) => {
    const found = namedTool(snapshot, id)
    return found.ok ? ok(toRow(found.value)) : found
  },
})

export const customToolsCreate = operation({
  name: 'tools.custom.create',
  summary: 'Adds a custom tool; no agent may use it before it is named in agents',
  access: ADMIN,
  params: createFields,
  result: toolRow,
  http: { method: 'POST', path: '/v1/tools/custom', status: 201 },
  audit: ({ name, kind }, { id }) => ({ tool: id, name, kind }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    if (snapshot.customTools.length >= MAX_TOOLS) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_TOOLS} custom tools`))
    }
    const blank = blankTool(newId('ctl'), params.name, params.kind)
    const named: CustomTool = { ...blank, ...changedFields(blank, params) }
    const checked = checkTool(context, named, params)
    if (!checked.ok) return checked
    const tool = { ...named, ...(await sealedSecrets(context, named, params)) }
    const created = await changeTenant(services, tenantId, () =>
      createCustomTool(services.database(tenantId), tenantId, tool, services.now()),
    )
    const taken = `there is a tool ${JSON.stringify(params.name)} already`
    return created.ok ? ok(toRow(created.value)) : err(refusal('ALREADY_EXISTS', taken))
  },
})

export const customToolsUpdate = operation({
  name: 'tools.custom.update',
  summary:
    'Changes a custom tool; another origin erases its headers, another command its variables',
  access: ADMIN,
  params: updateFields.extend({ id: reference }),
  result: toolRow,
  http: { method: 'PUT', path: '/v1/tools/custom/{id}' },
  audit: (params, { id }) => ({ tool: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const found = namedTool(snapshot, params.id)
    if (!found.ok) return found
    const tool = found.value
    const room = checkSnapshotRoom(snapshot, params)
    if (!room.ok) return room
    const fields = changedFields(tool, params)
    const checked = checkTool(context, { ...tool, ...fields }, params)
    if (!checked.ok) return checked
    const secrets = await sealedSecrets(context, tool, params)
    const updated = await changeTenant(services, tenantId, () =>
      updateCustomTool(
        services.database(tenantId),
        tenantId,
        tool,
        { fields, secrets },
        services.now(),
      ),
    )
    if (updated.ok) return ok(toRow(updated.value))
    const message = 'the tool was changed by somebody else at the same moment; look again'
    return err(refusal('FAILED_PRECONDITION', message))
  },
})

export const customToolsDelete = operation({
  name: 'tools.custom.delete',
  summary: 'Deletes a custom tool with its headers and variables',
  access: ADMIN,
  params: z.object({ id: reference }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/tools/custom/{id}' },
  audit: ({ id }) => ({ tool: id }),
  run: async ({ services, principal, snapshot }, { id }) => {
    const found = namedTool(snapshot, id)
    if (!found.ok) return found
    const { tenantId } = principal
    const deleted = await changeTenant(services, tenantId, () =>
      deleteCustomTool(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('custom tool'))
  },
})

export const customToolsTest = operation({
  name: 'tools.custom.test',
  summary: 'Makes the request of a custom tool once; of a command only the gate’s word is told',
  access: ADMIN,
  params: z.object({ id: reference, arguments: jsonObjectSchema.default({}) }),
  result: z.object({ content: z.string(), is_error: z.boolean() }),
  http: { method: 'POST', path: '/v1/tools/custom/{id}/test' },
  run: async (context, { id, arguments: args }) => {
    const found = namedTool(context.snapshot, id)
    if (!found.ok) return found
    const tested = await context.customTools.test(found.value, args)
    if (!tested.ok) return err(refusal('FAILED_PRECONDITION', tested.error))
    const { content, isError } = tested.value
    return ok({ content, is_error: isError })
  },
})
