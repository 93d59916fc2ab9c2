/**
 * The sub-agents of a session: which there are, how they stand, and what becomes of them when the
 * parent's run ends. A child tells its end, once or again; whoever was not waiting for it is told here.
 */
import type { Services } from '../../api/context.ts'
import type { RunId } from '../../domain/ids.ts'
import type { Principal } from '../../domain/principal.ts'
import type { RunResult } from '../../domain/run-event.ts'
import { lineageOf } from '../../domain/run-origin.ts'
import {
  AGENT_RUN_LEASE_MS,
  answerOf,
  type Child,
  type ChildReport,
  type ChildStanding,
  MAX_CHILDREN,
} from '../../domain/sub-agent.ts'
import { announcementOf, type ChildrenPort } from '../../gateway/children.ts'
import { createReporter } from '../../gateway/emit.ts'
import { freshSnapshot } from '../../gateway/freshness.ts'
import type { MetaStore } from './meta-store.ts'
import type { StoredProvenance } from './provenance.ts'
import type { RunStore, StoredRun } from './run-store.ts'

const PREFIX = 'child/'
const HELD_PREFIX = 'heldNote/'
/** Of those that have ended, for the list. */
const KEPT_ENDED = 20
/** What is kept of an answer; a result of a tool is cut further. */
const MAX_ANSWER_CHARS = 100_000

interface HeldNote {
  readonly content: string
  readonly parentRunId: RunId
}

export interface ChildrenParts {
  readonly kv: SyncKvStorage
  readonly services: Services
  readonly meta: MetaStore
  readonly runs: RunStore
  readonly provenance: StoredProvenance
  /** Starts what was injected when no run is going, with the rights of the given one. */
  announced(parent: StoredRun): unknown
  atomically<Value>(work: () => Value): Value
}

export class Children implements ChildrenPort {
  readonly #parts: ChildrenParts

  /** Touches no storage. */
  constructor(parts: ChildrenParts) {
    this.#parts = parts
  }

  add(child: Child): boolean {
    if (this.#running().length >= MAX_CHILDREN) return false
    this.#parts.kv.put(PREFIX + child.id, child)
    const ended = this.list().filter(({ state }) => state !== 'running')
    for (const { id } of ended.slice(KEPT_ENDED)) this.remove(id)
    return true
  }

  remove(id: string): void {
    this.#parts.kv.delete(PREFIX + id)
  }

  find(id: string): Child | null {
    return this.#parts.kv.get<Child>(PREFIX + id) ?? null
  }

  list(): readonly Child[] {
    return [...this.#parts.kv.list<Child>({ prefix: PREFIX })]
      .map(([, child]) => child)
      .sort((a, b) => b.startedAt - a.startedAt)
  }

  change(id: string, fields: Parameters<ChildrenPort['change']>[1]): Child | null {
    const child = this.find(id)
    if (child?.state !== 'running') return child
    const answer = fields.answer?.slice(0, MAX_ANSWER_CHARS)
    const changed = { ...child, ...fields, ...(answer === undefined ? {} : { answer }) }
    this.#parts.kv.put(PREFIX + id, changed)
    return changed
  }

  /** What a child says of itself; of one that is not known here nothing is wanted any more. */
  async told({ sessionKey, result, hasSeenUntrusted }: ChildReport): Promise<ChildStanding> {
    const { kv, services, meta, runs, provenance } = this.#parts
    const session = meta.read()
    const child = this.#running().find((known) => known.sessionKey === sessionKey)
    if (!session || !child) return 'end'
    if (result === null) {
      if (hasSeenUntrusted && !child.hasSeenUntrusted) this.change(child.id, { hasSeenUntrusted })
      return 'go_on'
    }
    const snapshot = await freshSnapshot(services, session.tenantId)
    const report = createReporter(services, {
      tenantId: session.tenantId,
      userId: session.owner,
      sessionKey: session.sessionKey,
    })
    // From here on nothing is awaited: told twice at once, it is announced once.
    const isStillThere = meta.read() !== null && this.find(child.id)?.state === 'running'
    if (!isStillThere) return 'end'
    const parent = runs.find(child.parentRunId)
    const ended = this.#parts.atomically(() => {
      const state = result.kind
      const changed = this.change(child.id, { state, answer: answerOf(result), hasSeenUntrusted })
      if (changed?.mode !== 'async' || !parent || !snapshot) return null
      if (hasSeenUntrusted) provenance.sawUntrusted()
      const content = announcementOf(changed, snapshot.config, report)
      if (mayHear(runs.running() ?? parent, parent)) {
        runs.inject(content, services.now())
        return parent
      }
      // Never into a loop that goes with another credential's rights: it waits for the end of that.
      kv.put(HELD_PREFIX + child.id, { content, parentRunId: child.parentRunId })
      return null
    })
    if (ended) this.#parts.announced(ended)
    return 'end'
  }

  /** No run is going: the next of the notes that waited for that, with the rights of its parent's run. */
  announceHeld(): void {
    const { kv, runs, services, atomically } = this.#parts
    const [held] = kv.list<HeldNote>({ prefix: HELD_PREFIX })
    if (held === undefined) return
    const [key, { content, parentRunId }] = held
    const parent = atomically(() => {
      kv.delete(key)
      const run = runs.find(parentRunId)
      if (run) runs.inject(content, services.now())
      return run
    })
    if (parent) this.#parts.announced(parent)
  }

  /** Whoever ended a run wants nothing more of those that work for it. */
  async endWith(run: StoredRun, result: RunResult): Promise<void> {
    if (result.kind === 'completed') return
    await this.cancelAll(run.principal, run.id)
  }

  /** @param of the run that began them; without it all of the session's */
  async cancelAll(principal: Principal, of?: RunId): Promise<readonly RunId[]> {
    const { services, meta } = this.#parts
    const tenantId = meta.read()?.tenantId
    if (tenantId === undefined) return []
    const running = this.#running().filter((child) => of === undefined || child.parentRunId === of)
    const answer = answerOf({ kind: 'cancelled' })
    for (const { id } of running) this.change(id, { state: 'cancelled', answer })
    const aborted = await Promise.all(
      running.map(({ sessionKey }) => services.session(tenantId, sessionKey).abort(principal)),
    )
    return aborted.flatMap((runIds) => (runIds.ok ? runIds.value : []))
  }

  #running(): readonly Child[] {
    const oldest = this.#parts.services.now() - AGENT_RUN_LEASE_MS
    return this.list().filter(({ state, startedAt }) => state === 'running' && startedAt > oldest)
  }
}

/** A run that goes with the same credential, for the same conversations: what it hears it acts on. */
const mayHear = (running: StoredRun, parent: StoredRun): boolean =>
  running.principal.credential.id === parent.principal.credential.id &&
  JSON.stringify(actsFor(running)) === JSON.stringify(actsFor(parent))

const actsFor = ({ options: { origin } }: StoredRun): readonly string[] =>
  lineageOf(origin ?? null).map(({ text }) => text)

/** What a run that another one began says when it is over; said again it changes nothing. */
export async function tellEnd(
  { services, meta, provenance }: Pick<ChildrenParts, 'services' | 'meta' | 'provenance'>,
  { principal, options: { origin } }: StoredRun,
  result: RunResult,
): Promise<void> {
  const session = meta.read()
  if (!session || origin === undefined || origin.kind === 'cron') return
  const { tenantId, sessionKey } = session
  await services.tenant(tenantId).endAgentRun(principal.userId, sessionKey)
  if (origin.kind !== 'subagent') return
  const hasSeenUntrusted = provenance.hasSeenUntrusted()
  await services
    .session(tenantId, origin.parentSessionKey)
    .subAgent({ sessionKey, result, hasSeenUntrusted })
}
