/**
 * A run's memory: the notes of its agent and of the user whose conversation it is. Both are fixed by
 * the run; no argument of a tool names another's.
 */
import type { Services } from '../api/context.ts'
import { newId } from '../crypto/random.ts'
import { readNote, saveNote, searchMemory } from '../db/memory.ts'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import type { MemoryPort } from '../domain/ports/memory.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { logError } from '../telemetry/log.ts'
import type { RunRelease } from './release.ts'

export interface MemoryParts {
  readonly services: Services
  readonly tenantId: TenantId
  readonly agentId: AgentId
  readonly userId: UserId
  /** What is noted is read again by models to come: no secret gets that far. */
  readonly release: Pick<RunRelease, 'text'>
}

export function openMemory(parts: MemoryParts): MemoryPort {
  const { services, tenantId, agentId, userId, release } = parts
  const of = { agentId, userId }
  const database = () => services.database(tenantId)
  return {
    search: (query, limit) =>
      orUnavailable(async () => ok(await searchMemory(database(), tenantId, of, query, limit))),
    get: (noteId) => orUnavailable(() => readNote(database(), tenantId, of, noteId)),
    save: ({ title, text, isUntrusted }) => {
      const note = { title: release.text(title), text: release.text(text), isUntrusted }
      const noteId = newId('mem')
      return orUnavailable(() =>
        saveNote(database(), tenantId, of, { ...note, noteId }, services.now()),
      )
    },
  }
}

/** A database that does not answer ends the call, and not the run. */
const orUnavailable = <Value, Failure>(
  ask: () => Promise<Result<Value, Failure>>,
): Promise<Result<Value, Failure | 'unavailable'>> =>
  ask().catch((error: unknown) => {
    logError('memory.unavailable', error)
    return err('unavailable' as const)
  })
