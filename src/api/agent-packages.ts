/**
 * The packages of an agent's image. Adding builds first and records after, so that what is recorded
 * was seen to install, in exactly these versions; no run ever installs anything.
 */
import { z } from 'zod'
import { sha256Hex } from '../crypto/digest.ts'
import { setAgentPackages } from '../db/agents.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { effectiveImage } from '../domain/config/sandbox-policy.ts'
import { sandboxLevels } from '../domain/config/tenant-config.ts'
import type { ImageFailure } from '../domain/ports/images.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import {
  type AgentPackage,
  comparePackages,
  MAX_PACKAGES,
  PACKAGE_MANAGERS,
  type PackageName,
  type PinnedPackage,
  packageSchema,
  packagesSchema,
  packagesText,
  pinsOf,
  type WirePackage,
} from '../domain/sandbox-package.ts'
import { securityEvent } from '../domain/security-event.ts'
import { epochOf } from '../domain/tenant-snapshot.ts'
import { ADMIN, VIEWER } from './access.ts'
import { agentReference, namedAgent } from './agents.ts'
import { namesOfPackages } from './audit-names.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

/** Lines of a build go out together: it writes hundreds a second. */
const PROGRESS_INTERVAL_MS = 500
const MAX_PROGRESS_LINES = 20
export const PROGRESS_EVENT = 'agents.packages.progress'

const packageRow = z.object({
  manager: z.enum(PACKAGE_MANAGERS),
  name: z.string(),
  version: z.string(),
  added_by: z.string(),
  added_at: z.string(),
})
const listed = z.object({ agentId: z.string(), packages: z.array(packageRow) })

const toList = (agent: Pick<AgentRecord, 'key' | 'packages'>): z.infer<typeof listed> => ({
  agentId: agent.key,
  packages: agent.packages.map(({ manager, name, version, addedBy, addedAt }) => ({
    manager,
    name,
    version,
    added_by: addedBy,
    added_at: new Date(addedAt).toISOString(),
  })),
})

/** pip takes `Ruamel.YAML` and `ruamel-yaml` for one package (PEP 503): it is kept under one name. */
const asked = z.object({
  manager: z.enum(PACKAGE_MANAGERS),
  name: z.string().max(214),
  version: z.string().max(128).optional(),
})
const inOneSpelling = (named: z.infer<typeof asked>) =>
  named.manager === 'pip'
    ? { ...named, name: named.name.toLowerCase().replaceAll(/[-_.]+/g, '-') }
    : named

export const packagesList = operation({
  name: 'agents.packages.list',
  summary: 'The packages of an agent’s image, with their versions and who added them',
  access: VIEWER,
  params: z.object(agentReference),
  result: listed,
  http: { method: 'GET', path: '/v1/agents/{agentId}/packages' },
  run: async ({ snapshot }, params) => {
    const agent = namedAgent(snapshot, params)
    return agent.ok ? ok(toList(agent.value)) : agent
  },
})

const isSame = (a: PackageName, b: PackageName): boolean => comparePackages(a, b) === 0

/** What is recorded stays pinned as it is; only another version that is asked for replaces it. */
function withAdded(
  recorded: readonly AgentPackage[],
  added: readonly WirePackage[],
): readonly WirePackage[] {
  const kept = recorded.filter(
    (old) => !added.some((one) => isSame(one, old) && one.version !== undefined),
  )
  const fresh = added.filter((one) => !kept.some((old) => isSame(one, old)))
  return [...pinsOf(kept), ...fresh].sort(comparePackages)
}

/** Those that were there in this version keep their history. */
const recordOf = (
  built: readonly PinnedPackage[],
  { packages }: AgentRecord,
  added: Pick<AgentPackage, 'addedBy' | 'addedAt'>,
): readonly AgentPackage[] =>
  built.map(
    (one) =>
      packages.find((old) => isSame(one, old) && one.version === old.version) ?? {
        ...one,
        ...added,
      },
  )

/** Tells the caller's sockets what the build says, some lines at a time. */
function createProgress({ services, principal }: OperationContext, agentId: string) {
  let pending: string[] = []
  let sentAt = Number.NEGATIVE_INFINITY
  const flush = (): void => {
    if (pending.length === 0) return
    const payload = { agentId, lines: pending.slice(-MAX_PROGRESS_LINES) }
    pending = []
    sentAt = services.now()
    const audience = { kind: 'user', userId: principal.userId } as const
    services.inBackground(
      services.tenant(principal.tenantId).publish(PROGRESS_EVENT, payload, audience),
    )
  }
  return {
    line(text: string): void {
      pending.push(text)
      if (pending.length > MAX_PROGRESS_LINES) pending.shift()
      if (services.now() - sentAt >= PROGRESS_INTERVAL_MS) flush()
    },
    flush,
  }
}

function toRefusal(failure: ImageFailure): Refusal {
  switch (failure.kind) {
    case 'unavailable':
      return refusal('UNAVAILABLE', `the image cannot be built: ${failure.message}`)
    case 'busy':
      return {
        ...refusal('UNAVAILABLE', `the image cannot be built yet: ${failure.message}`),
        retryable: true,
        retryAfterMs: failure.retryAfterMs,
      }
    case 'failed':
      return refusal('FAILED_PRECONDITION', `the image could not be built: ${failure.message}`)
  }
}

/** A build takes minutes, in which a credential can end: what it could not begin it must not finish. */
async function isStillEntitled({
  services,
  principal,
  snapshot,
}: OperationContext): Promise<boolean> {
  const { expiresAt } = principal.credential
  if (expiresAt !== null && expiresAt <= services.now()) return false
  const state = await services.tenant(principal.tenantId).current(epochOf(snapshot))
  return state.found && state.authVersion === snapshot.authVersion
}

const CHANGED_MEANWHILE = 'others changed the packages of this agent meanwhile: look, and repeat it'

async function record(
  context: OperationContext,
  agent: AgentRecord,
  next: readonly AgentPackage[],
): Promise<Result<z.infer<typeof listed>, Refusal>> {
  const { services, principal, snapshot } = context
  const { tenantId } = principal
  const room = checkSnapshotRoom(snapshot, next)
  if (!room.ok) return room
  const lists = { base: agent.packages, next }
  const changed = await changeTenant(services, tenantId, () =>
    setAgentPackages(services.database(tenantId), tenantId, agent.id, lists, services.now()),
  )
  if (!changed.ok) {
    return changed.error === 'stale'
      ? err(refusal('FAILED_PRECONDITION', CHANGED_MEANWHILE))
      : err(notFound('agent'))
  }
  const list = (await sha256Hex(packagesText(next))).slice(0, 12)
  const fields = { agent: agent.id, packages: next.length, list }
  context.report(securityEvent('config_changed', fields, 'info'))
  return ok(toList(changed.value))
}

export const packagesAdd = operation({
  name: 'agents.packages.add',
  summary: 'Builds the agent’s image with further packages, and records their versions',
  access: ADMIN,
  params: z.object({
    ...agentReference,
    packages: z
      .array(asked.transform(inOneSpelling).pipe(packageSchema))
      .max(MAX_PACKAGES)
      .pipe(packagesSchema),
  }),
  result: listed,
  http: { method: 'POST', path: '/v1/agents/{agentId}/packages' },
  audit: ({ packages }, { agentId }) => ({ agent: agentId, packages: namesOfPackages(packages) }),
  run: async (context, params) => {
    const { services, principal, snapshot, images } = context
    const found = namedAgent(snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    if (effectiveImage(sandboxLevels(snapshot.config, agent.settings)) !== null) {
      return err(
        refusal(
          'FAILED_PRECONDITION',
          'packages go on top of the runner’s own image, and this agent’s sandbox policy names another',
        ),
      )
    }
    const wanted = withAdded(agent.packages, params.packages)
    if (wanted.length > MAX_PACKAGES) {
      return err(refusal('RESOURCE_EXHAUSTED', `an agent has at most ${MAX_PACKAGES} packages`))
    }
    const room = checkSnapshotRoom(snapshot, wanted)
    if (!room.ok) return room
    if (images === null) {
      return err(refusal('UNAVAILABLE', 'the image cannot be built: there is no runner'))
    }
    const progress = createProgress(context, agent.key)
    const order = { tenantId: principal.tenantId, agentId: agent.id, packages: wanted }
    const built = await images.build(order, { onProgress: progress.line })
    progress.flush()
    if (!built.ok) return err(toRefusal(built.error))
    if (!(await isStillEntitled(context))) {
      const message = 'rights in this tenant changed during the build: sign in again, and repeat it'
      return err(refusal('FAILED_PRECONDITION', message))
    }
    const added = { addedBy: principal.userId, addedAt: services.now() }
    return record(context, agent, recordOf(built.value, agent, added))
  },
})

export const packagesRemove = operation({
  name: 'agents.packages.remove',
  summary: 'Takes packages out of the agent’s image, which is built anew when it is next used',
  access: ADMIN,
  params: z.object({
    ...agentReference,
    packages: z.array(asked.transform(inOneSpelling)).min(1).max(MAX_PACKAGES),
  }),
  result: listed,
  http: { method: 'POST', path: '/v1/agents/{agentId}/packages/remove' },
  audit: ({ packages }, { agentId }) => ({ agent: agentId, packages: namesOfPackages(packages) }),
  run: async (context, params) => {
    const found = namedAgent(context.snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const isNamed = (old: AgentPackage) =>
      params.packages.some((one) => isSame(one as PackageName, old))
    const missing = params.packages.find(
      (one) => !agent.packages.some((old) => isSame(one as PackageName, old)),
    )
    if (missing !== undefined) {
      return err(notFound(`package ${JSON.stringify(`${missing.manager}:${missing.name}`)}`))
    }
    return record(
      context,
      agent,
      agent.packages.filter((old) => !isNamed(old)),
    )
  },
})
