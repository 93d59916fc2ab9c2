/**
 * How the runs of a session begin, follow each other and end: their host, the sub-agents that work for
 * them, and who is told of an end. Whether a run may begin is decided before.
 */
import type { RunId } from '../../domain/ids.ts'
import type { RunResult } from '../../domain/run-event.ts'
import type { RunTrace } from '../../domain/trace.ts'
import type { Runtime } from '../../gateway/runtime.ts'
import { eventFrame } from '../../protocol/frames.ts'
import type { SessionApprovalSignals } from './approval-signals.ts'
import type { Background } from './background.ts'
import { Children, type ChildrenParts, tellEnd } from './children.ts'
import { CondensedStore } from './condensed-store.ts'
import { storedAssignments } from './exec-assignments.ts'
import type { SessionMeta } from './meta-store.ts'
import { RunHost } from './run-host.ts'
import type { StoredRun } from './run-store.ts'
import { scheduledEndOf } from './scheduled-end.ts'
import { type SendStores, startLeftOver } from './send.ts'
import { StoredToolBudget } from './tool-budget.ts'
import { SessionTraces } from './traces.ts'
import type { TranscriptStore } from './transcript-store.ts'
import { turnRequestOf } from './turn-request.ts'
import { Upkeep, type UpkeepParts } from './upkeep.ts'

export interface CourseParts
  extends Omit<UpkeepParts, 'host' | 'tellEnd' | 'traces' | 'setAlarm'>,
    Pick<ChildrenParts, 'meta' | 'provenance'> {
  readonly ctx: Pick<DurableObjectState, 'storage'>
  readonly runtime: Runtime
  readonly transcript: TranscriptStore
  /** The loops of runs: one that was told to end may still be on its way. */
  readonly loops: Background
  readonly approvals: SessionApprovalSignals
  sendStores(): SendStores
}

export class RunCourse {
  readonly host: RunHost
  readonly children: Children
  readonly upkeep: Upkeep
  readonly #parts: CourseParts
  readonly #traces: SessionTraces

  /** Touches no storage. */
  constructor(parts: CourseParts) {
    this.#parts = parts
    const { ctx, services, runtime, loops, listeners, sockets } = parts
    const { kv, sql } = ctx.storage
    const atomically = <Value>(work: () => Value): Value => ctx.storage.transactionSync(work)
    this.#traces = new SessionTraces({ ...parts, kv })
    this.children = new Children({
      ...parts,
      kv,
      announced: (parent) => {
        if (parent.result === null || !this.#goOn(parent, parent.result)) this.host.ensureRunning()
      },
      atomically,
    })
    this.host = new RunHost({
      ...parts,
      condensed: new CondensedStore(sql),
      fanOut: listeners.fanOut,
      services: { ...services, inBackground: (work) => void loops.add(work) },
      budget: new StoredToolBudget(kv),
      assignments: storedAssignments(kv, services.now),
      approvalSignals: parts.approvals,
      children: this.children,
      notify: (event, payload) => sockets.broadcast(eventFrame(event, payload)),
      meta: () => this.#requireMeta(),
      turnRequest: (run, meta, signal) => turnRequestOf(runtime, run, meta, signal),
      onAuthVersion: (authVersion) => services.inBackground(listeners.onAuthVersion(authVersion)),
      reply: (replyTo, frame) => listeners.reply(replyTo, frame),
      onResumed: (run) => this.#announce(run.id),
      onEnded: (run, result, trace) => this.#onEnded(run, result, trace),
      onSpent: (run) => parts.background.add(parts.budget.tell(run)),
      atomically,
    })
    this.upkeep = new Upkeep({
      ...parts,
      host: this.host,
      tellEnd: (run, result) => tellEnd(parts, run, result),
      traces: this.#traces,
      setAlarm: (at) => ctx.storage.setAlarm(at),
    })
  }

  launch(runId: RunId): void {
    this.host.ensureRunning()
    this.#announce(runId)
  }

  /** Messages that wait for the run go with it: left over, they would start the next one at once. */
  stop(): void {
    const { runs } = this.#parts
    runs.clearInjections()
    const running = runs.running()
    if (running) this.host.end(running, { kind: 'cancelled' })
  }

  #requireMeta(): SessionMeta {
    const meta = this.#parts.meta.read()
    if (!meta) throw new Error('a run without a session')
    return meta
  }

  /** Begun in the step that stores the run: from here on the watchdog knows it, too. */
  #announce(runId: RunId): void {
    const { background, listeners } = this.#parts
    background.add(this.upkeep.watchRun())
    background.add(listeners.announceRun(runId))
  }

  #onEnded(run: StoredRun, result: RunResult, trace: RunTrace | null): void {
    const { background, budget, index, events } = this.#parts
    background.add(budget.tell(run, scheduledEndOf(run, result)))
    background.add(index.refresh())
    if (trace) background.add(this.#traces.add(trace))
    background.add(this.upkeep.pruneLater())
    events.dropProgress(run.id)
    background.add(this.children.endWith(run, result))
    if (this.#goOn(run, result)) return
    background.add(this.upkeep.tellEnd(run, result))
    this.children.announceHeld()
  }

  /** With what came in too late for the run; whether there was anything. */
  #goOn(ended: StoredRun, result: RunResult): boolean {
    const { ctx, sendStores } = this.#parts
    const start = () => startLeftOver(ended, result, sendStores())
    const next = ctx.storage.transactionSync(start)
    if (next !== null) this.launch(next)
    return next !== null
  }
}
