/** Events of the gateway make the answers stale that they are about; whoever shows one asks again. */
import type { QueryClient } from '@tanstack/react-query'
import { gateway } from './gateway.ts'
import { makeStale } from './make-stale.ts'
import type { EventFrame } from './socket.ts'

const RUN_LISTS = ['overview', 'status', 'agents.list', 'sessions', 'traces', 'usage'] as const

/** Event → resources whose answers are another's now. */
const STALE_BY_EVENT: Readonly<Record<string, readonly string[]>> = {
  'exec.approval.requested': ['exec.approval', 'overview'],
  'exec.approval.resolved': ['exec.approval', 'overview'],
  'session.updated': ['sessions'],
  'config.changed': ['config', 'agents', 'providers', 'tools', 'shell', 'channels', 'estop'],
  'device.pair.requested': ['device'],
  'device.pair.resolved': ['device'],
  'security.event': ['security.events', 'audit.list', 'overview'],
  'channel.pair.requested': ['channel.pair'],
  'channel.pair.resolved': ['channel.pair'],
  'channel.trouble': ['channels.status', 'channels.deliveries', 'overview'],
  'budget.warning': ['quota', 'usage'],
  // Everybody's runs, which only admins hear of; of one's own there are `agent` events.
  'run.started': RUN_LISTS,
  'run.ended': RUN_LISTS,
  cron: ['cron'],
  health: ['overview', 'channels.status'],
}
/** Of a run's events only its beginning and its end change what lists show. */
const RUN_EDGES = ['run.started', 'run.completed', 'run.failed', 'run.cancelled']
/** However fast events come, a list is asked again at most so often. */
const TOGETHER_MS = 500
/** Written some time after the event that tells of them: what was asked at once is asked once more. */
const WRITTEN_LATER: ReadonlySet<string> = new Set([
  'security.events',
  'audit.list',
  'overview',
  'traces',
  'usage',
])
const LATER_MS = 3_000

const staleBy = ({ event, payload }: EventFrame): readonly string[] => {
  if (event !== 'agent') return STALE_BY_EVENT[event] ?? []
  const { type } = (payload ?? {}) as { readonly type?: string }
  return RUN_EDGES.includes(type ?? '') ? RUN_LISTS : []
}

export function followEvents(queries: QueryClient): () => void {
  const waiting = new Set<string>()
  const late = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | null = null
  let lateTimer: ReturnType<typeof setTimeout> | null = null
  const makeAllStale = (names: Set<string>) => {
    for (const name of names) void makeStale(queries, name)
    names.clear()
  }
  const flush = () => {
    timer = null
    for (const name of waiting) if (WRITTEN_LATER.has(name)) late.add(name)
    makeAllStale(waiting)
    if (late.size === 0) return
    lateTimer ??= setTimeout(() => {
      lateTimer = null
      makeAllStale(late)
    }, LATER_MS)
  }
  const stopEvents = gateway.onEvent((frame) => {
    for (const name of staleBy(frame)) waiting.add(name)
    if (waiting.size > 0) timer ??= setTimeout(flush, TOGETHER_MS)
  })
  // Events of the time without a socket are lost: everything may be another's.
  const stopReopened = gateway.onReopened(() => void queries.invalidateQueries())
  return () => {
    stopEvents()
    stopReopened()
    if (timer !== null) clearTimeout(timer)
    if (lateTimer !== null) clearTimeout(lateTimer)
  }
}
