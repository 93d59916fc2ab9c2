/** What the platform's desk is given: storage of its own object, and the doors to all others. */
import type { Services } from '../../api/context.ts'
import type { Erasable, NameKind } from '../../domain/ports/tenant-end.ts'
import type { Env } from '../../gateway/env.ts'
import type { Runtime } from '../../gateway/runtime.ts'
import type { Timers } from '../alarms.ts'
import { PlatformDesk } from './platform-desk.ts'

interface Own {
  readonly storage: DurableObjectStorage
  readonly timers: Timers
  prepare(): Promise<unknown>
}

/** Touches no storage. */
export function platformDeskOf(
  env: Env,
  { keyRing, settings }: Runtime,
  services: Services,
  { storage, timers, prepare }: Own,
): PlatformDesk {
  const { now } = services
  // The directory's database holds the rotations, and today every tenant's rows as well.
  const db = () => services.directory()
  return new PlatformDesk({
    kv: storage.kv,
    timers,
    keyRing,
    now,
    prepare,
    rotation: {
      db,
      keyRing,
      acceptPlaintext: settings.acceptPlaintext,
      now,
      resealed: (tenantId) => services.tenantEnd(tenantId).resealed(),
    },
    erasure: {
      db: (tenantId) => services.database(tenantId),
      directory: db,
      blobs: env.BLOBS,
      tenant: (tenantId) => services.tenant(tenantId),
      end: (tenantId) => services.tenantEnd(tenantId),
      object: (kind, name) => objectOf(env, kind, name),
      now,
    },
  })
}

function objectOf(env: Env, kind: NameKind, name: string): Erasable {
  const bindings = {
    inbox: env.INBOXES,
    session: env.SESSIONS,
    workspace: env.WORKSPACES,
    limiter: env.LIMITERS,
  }
  // As in services.ts: the stub's mapped type is too deep for the compiler.
  return bindings[kind].getByName(name) as unknown as Erasable
}
