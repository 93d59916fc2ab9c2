/** A tenant's audit chain and the security events that go into it, put together over its storage. */
import type { Services } from '../../api/context.ts'
import { insertSecurityEvents } from '../../db/security-events.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { AuditLog, type AuditLogPorts } from './audit-log.ts'
import { SecurityStream, type StreamPorts } from './security-stream.ts'

interface Own
  extends Pick<AuditLogPorts, 'storage' | 'schema' | 'timers'>,
    Pick<StreamPorts, 'note' | 'publish'> {
  tenantId(): TenantId
  /** Null: there is no such tenant. */
  snapshot(): Promise<TenantSnapshot | null>
}

/** Touches no storage. */
export function auditOf(
  anchors: AuditLogPorts['anchors'],
  { keyRing, now, ...services }: Services,
  { note, publish, snapshot, ...own }: Own,
): { readonly audit: AuditLog; readonly stream: SecurityStream } {
  const { storage, timers, tenantId } = own
  const database = () => services.database(tenantId())
  const audit = new AuditLog({
    ...own,
    keyRing,
    anchors,
    database,
    now,
    retentionDays: async () => (await snapshot())?.config.retention.audit_days ?? null,
  })
  const stream = new SecurityStream({
    storage,
    timers,
    append: (entries) => audit.append(entries),
    publish,
    ...(note ? { note } : {}),
    copy: (events) => insertSecurityEvents(database(), tenantId(), events),
    now,
  })
  return { audit, stream }
}
