/** Binaries that run with a credential. Its values go in and never come out again; their names do. */
import { z } from 'zod'
import { openCliEnvironment, sealCliEnvironment } from '../crypto/cli-credential.ts'
import { newId } from '../crypto/random.ts'
import {
  type BinaryPatch,
  createBinary,
  deleteBinary,
  findSealedEnv,
  updateBinary,
} from '../db/secure-cli.ts'
import type { CredentialedBinary, GrantedBinary } from '../domain/credentialed-binary.ts'
import { type BinaryId, binaryIdSchema } from '../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN } from './access.ts'
import { namesOf } from './audit-names.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** The snapshot of a tenant is held whole by isolates that it shares with others. */
const MAX_BINARIES = 50
const MAX_PATTERNS = 50
const MAX_HOSTS = 20
/** No exec runs longer. */
const MAX_TIMEOUT_SECONDS = 300

export const patterns = z.array(z.string().max(200)).max(MAX_PATTERNS)
const environment = z.record(z.string().max(128), z.string().max(16_384))

const fields = {
  absolute_path: z.string().max(200),
  description: z.string().max(500),
  deny_args: patterns,
  deny_verbose: patterns,
  /** In one order: the credential is bound to the set, not to how it was written. */
  hosts: z
    .array(z.string().max(253))
    .max(MAX_HOSTS)
    .transform((hosts) => [...new Set(hosts)].sort()),
  timeout_seconds: z.int().min(1).max(MAX_TIMEOUT_SECONDS),
  is_global: z.boolean(),
  enabled: z.boolean(),
}

const binaryRow = z.object({
  id: z.string(),
  name: z.string(),
  absolute_path: z.string(),
  description: z.string(),
  deny_args: z.array(z.string()),
  deny_verbose: z.array(z.string()),
  hosts: z.array(z.string()),
  has_credential: z.boolean(),
  timeout_seconds: z.number(),
  is_global: z.boolean(),
  enabled: z.boolean(),
})

const toRow = (binary: CredentialedBinary): z.infer<typeof binaryRow> => ({
  id: binary.id,
  name: binary.name,
  absolute_path: binary.absolutePath,
  description: binary.description,
  deny_args: [...binary.denyArgs],
  deny_verbose: [...binary.denyVerbose],
  hosts: [...binary.hosts],
  has_credential: binary.hasCredential,
  timeout_seconds: binary.timeoutSeconds,
  is_global: binary.isGlobal,
  enabled: binary.enabled,
})

export const reference = { id: z.string().max(100) }

export function namedBinary(
  { binaries }: TenantSnapshot,
  reference: string,
): Result<GrantedBinary, Refusal> {
  const found =
    binaries.find(({ id }) => id === reference) ?? binaries.find(({ name }) => name === reference)
  return found ? ok(found) : err(notFound('binary'))
}

const invalid = (message: string) => err(refusal('INVALID_REQUEST', message))
const taken = (name: string) =>
  err(refusal('ALREADY_EXISTS', `there is a binary ${JSON.stringify(name)} already`))

/** The sealed text, or null for none; never the values in a message. */
async function sealed(
  { services, principal, catalog }: OperationContext,
  id: BinaryId,
  absolutePath: string,
  env: Readonly<Record<string, string>> | null,
): Promise<Result<string | null, Refusal>> {
  if (env === null) return ok(null)
  const checked = catalog.checkBinaryEnvironment(absolutePath, env)
  if (!checked.ok) return invalid(checked.error)
  return ok(await sealCliEnvironment(services.keyRing, principal.tenantId, id, env))
}

export const secureCliList = operation({
  name: 'secure_cli.list',
  summary: 'The binaries that run with a credential',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ binaries: z.array(binaryRow) }),
  http: { method: 'GET', path: '/v1/secure-cli' },
  run: async ({ snapshot }) => ok({ binaries: snapshot.binaries.map(toRow) }),
})

export const secureCliGet = operation({
  name: 'secure_cli.get',
  summary: 'One binary, with the names of its variables',
  access: ADMIN,
  params: z.object(reference),
  result: binaryRow.extend({ env_names: z.array(z.string()) }),
  http: { method: 'GET', path: '/v1/secure-cli/{id}' },
  run: async ({ services, principal, snapshot }, params) => {
    const found = namedBinary(snapshot, params.id)
    if (!found.ok) return found
    const { tenantId } = principal
    const { id } = found.value
    const sealedEnv = await findSealedEnv(services.database(tenantId), tenantId, id)
    const opened =
      sealedEnv === null
        ? null
        : await openCliEnvironment(services.keyRing, tenantId, id, sealedEnv)
    const names = opened?.ok ? Object.keys(opened.value).sort() : []
    return ok({ ...toRow(found.value), env_names: names })
  },
})

export const secureCliCreate = operation({
  name: 'secure_cli.create',
  summary: 'Registers a binary with its credential',
  access: ADMIN,
  params: z.object({
    name: z.string().min(1).max(64),
    absolute_path: fields.absolute_path,
    description: fields.description.default(''),
    deny_args: patterns.default([]),
    deny_verbose: patterns.default([]),
    hosts: fields.hosts.default([]),
    env: environment.nullish(),
    timeout_seconds: fields.timeout_seconds.default(60),
    is_global: z.boolean().default(false),
    enabled: z.boolean().default(true),
  }),
  result: binaryRow,
  http: { method: 'POST', path: '/v1/secure-cli', status: 201 },
  audit: (_, { id, name }) => ({ binary: id, name }),
  run: async (context, params) => {
    const { services, principal, snapshot, catalog } = context
    const { tenantId } = principal
    const { env, ...shown } = params
    const room = checkSnapshotRoom(snapshot, shown)
    if (!room.ok) return room
    if (snapshot.binaries.length >= MAX_BINARIES) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_BINARIES} binaries`))
    }
    const form = {
      name: params.name,
      absolutePath: params.absolute_path,
      denyArgs: params.deny_args,
      denyVerbose: params.deny_verbose,
      hosts: params.hosts,
    }
    const checked = catalog.checkBinary(form)
    if (!checked.ok) return invalid(checked.error)
    const id = binaryIdSchema.parse(newId('bin'))
    const sealedEnv = await sealed(context, id, params.absolute_path, env ?? null)
    if (!sealedEnv.ok) return sealedEnv
    const binary = {
      id,
      ...form,
      description: params.description,
      timeoutSeconds: params.timeout_seconds,
      isGlobal: params.is_global,
      enabled: params.enabled,
      sealedEnv: sealedEnv.value,
    }
    const created = await changeTenant(services, tenantId, () =>
      createBinary(services.database(tenantId), tenantId, binary, services.now()),
    )
    return created.ok ? ok(toRow(created.value)) : taken(params.name)
  },
})

export const secureCliUpdate = operation({
  name: 'secure_cli.update',
  summary: 'Changes a binary; another path or other hosts erase its stored credential',
  access: ADMIN,
  params: z.object({
    ...reference,
    absolute_path: fields.absolute_path.optional(),
    description: fields.description.optional(),
    deny_args: patterns.optional(),
    deny_verbose: patterns.optional(),
    hosts: fields.hosts.optional(),
    /** The whole environment anew; null erases it. */
    env: environment.nullish(),
    timeout_seconds: fields.timeout_seconds.optional(),
    is_global: z.boolean().optional(),
    enabled: z.boolean().optional(),
  }),
  result: binaryRow,
  http: { method: 'PUT', path: '/v1/secure-cli/{id}' },
  audit: (params, { id }) => ({ binary: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const { services, principal, snapshot, catalog } = context
    const { tenantId } = principal
    const found = namedBinary(snapshot, params.id)
    if (!found.ok) return found
    const { env, ...shown } = params
    const room = checkSnapshotRoom(snapshot, shown)
    if (!room.ok) return room
    const binary = found.value
    const form = {
      name: binary.name,
      absolutePath: params.absolute_path ?? binary.absolutePath,
      denyArgs: params.deny_args ?? binary.denyArgs,
      denyVerbose: params.deny_verbose ?? binary.denyVerbose,
      hosts: params.hosts ?? binary.hosts,
    }
    const checked = catalog.checkBinary(form)
    if (!checked.ok) return invalid(checked.error)
    const sealedEnv =
      env === undefined ? null : await sealed(context, binary.id, form.absolutePath, env)
    if (sealedEnv?.ok === false) return sealedEnv
    const patch: BinaryPatch = {
      ...form,
      description: params.description ?? binary.description,
      timeoutSeconds: params.timeout_seconds ?? binary.timeoutSeconds,
      isGlobal: params.is_global ?? binary.isGlobal,
      enabled: params.enabled ?? binary.enabled,
      ...(sealedEnv === null ? {} : { sealedEnv: sealedEnv.value }),
    }
    const updated = await changeTenant(services, tenantId, () =>
      updateBinary(services.database(tenantId), tenantId, binary.id, patch, services.now()),
    )
    return updated.ok ? ok(toRow(updated.value)) : err(notFound('binary'))
  },
})

export const secureCliDelete = operation({
  name: 'secure_cli.delete',
  summary: 'Removes a binary with its credential and its grants',
  access: ADMIN,
  params: z.object(reference),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/secure-cli/{id}' },
  audit: ({ id }) => ({ binary: id }),
  run: async ({ services, principal, snapshot }, params) => {
    const found = namedBinary(snapshot, params.id)
    if (!found.ok) return found
    const { tenantId } = principal
    const deleted = await changeTenant(services, tenantId, () =>
      deleteBinary(services.database(tenantId), tenantId, found.value.id),
    )
    return deleted.ok ? ok({ ok: true as const }) : err(notFound('binary'))
  },
})
