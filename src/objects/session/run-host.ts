/**
 * Hosts the session's running run: starts it, resumes it after a crash, cancels it, and writes down
 * what it came to. The loop runs as background work of the object; alarms and requests only check
 * that it is there.
 */
import { standingOf } from '../../agent/transcript.ts'
import type { Services } from '../../api/context.ts'
import type { RunId } from '../../domain/ids.ts'
import type { ReplyTo } from '../../domain/ports/session.ts'
import { type RunResult, terminalEventOf } from '../../domain/run-event.ts'
import type { RunTrace } from '../../domain/trace.ts'
import { runTurn, type TurnPorts } from '../../gateway/turn.ts'
import type { TurnRequest } from '../../gateway/turn-request.ts'
import { answerFrame } from '../../protocol/run-answer.ts'
import { logError } from '../../telemetry/log.ts'
import type { ToolBudgetPort } from '../../tools/budget.ts'
import type { CondensedStore } from './condensed-store.ts'
import type { FanOut } from './fan-out.ts'
import { HostedTrace } from './hosted-trace.ts'
import { SqlRunJournal } from './journal.ts'
import type { SessionMeta } from './meta-store.ts'
import {
  JOURNAL_VERSION,
  type RunStore,
  StaleGenerationError,
  type StoredRun,
} from './run-store.ts'
import type { TranscriptStore } from './transcript-store.ts'

/** Times a run is taken up again before it counts as poisoned. */
const MAX_RESUMPTIONS = 100

export interface RunHostPorts {
  readonly runs: RunStore
  readonly transcript: TranscriptStore
  readonly condensed: CondensedStore
  readonly fanOut: FanOut
  readonly services: Services
  readonly budget: ToolBudgetPort
  readonly assignments: TurnPorts['assignments']
  readonly provenance: TurnPorts['provenance']
  readonly approvalSignals: TurnPorts['approvalSignals']
  readonly children: TurnPorts['children']
  notify: TurnPorts['notify']
  meta(): SessionMeta
  onAuthVersion(authVersion: number): void
  /** The parts of a turn that come from the platform's settings. */
  turnRequest(run: StoredRun, meta: SessionMeta, signal: AbortSignal): TurnRequest
  reply(replyTo: ReplyTo, frame: (requestId: string | number) => string): void
  /** Called when a run is taken up again that had lost its loop. */
  onResumed(run: StoredRun): void
  /** Called once a run is over, after its end was stored. */
  onEnded(run: StoredRun, result: RunResult, trace: RunTrace | null): void
  /** Called once the loop of a run that was ended from outside is over; its usage may have grown. */
  onSpent(run: StoredRun): void
  atomically<Value>(work: () => Value): Value
}

interface Hosted {
  readonly runId: RunId
  readonly controller: AbortController
  readonly trace: HostedTrace
}

export class RunHost {
  readonly #ports: RunHostPorts
  #hosted: Hosted | null = null

  constructor(ports: RunHostPorts) {
    this.#ports = ports
  }

  /** Takes up a run that is stored as running but has no loop here: after a crash, or at its start. */
  ensureRunning(): void {
    if (this.#hosted) return
    const run = this.#ports.runs.running()
    if (!run) return
    if (run.journalVersion > JOURNAL_VERSION) {
      this.#open(run)
      const error = 'the run was made by a newer version of the gateway and cannot be continued'
      this.#finish(run, { kind: 'failed', code: 'UPGRADED', error })
      return
    }
    const controller = new AbortController()
    const trace = new HostedTrace(run, this.#ports.meta(), this.#ports.services.now)
    this.#hosted = { runId: run.id, controller, trace }
    if (run.isCancelRequested) controller.abort()
    this.#ports.services.inBackground(this.#drive(run, controller.signal, trace))
  }

  /** Whether the run was there to be cancelled; its end follows as `run.cancelled`. */
  cancel(runId: RunId): boolean {
    this.ensureRunning()
    if (this.#hosted?.runId !== runId) return false
    this.#ports.runs.requestCancel(runId)
    this.#hosted.controller.abort()
    return true
  }

  /** Ends a run at once, whatever its loop is doing: its session is going away. */
  end(run: StoredRun, result: RunResult): void {
    this.#hosted?.controller.abort()
    this.#open(run)
    this.#finish(run, result)
  }

  #open(run: StoredRun): void {
    const { sessionKey, agentKey, channel } = this.#ports.meta()
    this.#ports.fanOut.open({
      runId: run.id,
      sessionKey,
      agentKey,
      channel,
      userId: run.principal.userId,
      origin: run.options.origin,
    })
  }

  async #drive(run: StoredRun, signal: AbortSignal, trace: HostedTrace): Promise<void> {
    const { runs, fanOut, services } = this.#ports
    const generation = runs.nextGeneration(run.id)
    this.#open(run)
    const owner = { runId: run.id, generation, firstMessageId: run.firstMessageId }
    const journal = new SqlRunJournal(owner, this.#ports, services.now)
    let result: RunResult
    try {
      if (generation > MAX_RESUMPTIONS)
        throw new Error(`the run was resumed ${MAX_RESUMPTIONS} times`)
      if (generation > 1) {
        this.#ports.onResumed(run)
        this.#announceResumption(journal, generation)
      }
      result = await runTurn(this.#ports.turnRequest(run, this.#ports.meta(), signal), {
        services,
        journal,
        budget: this.#ports.budget,
        assignments: this.#ports.assignments,
        provenance: this.#ports.provenance,
        hookMarks: {
          wasAllowed: (key) => runs.wasToolStarted(`hook:${key}`),
          allowed: (key) => void runs.markToolStarted(run.id, `hook:${key}`, services.now()),
        },
        approvalSignals: this.#ports.approvalSignals,
        children: this.#ports.children,
        tracing: trace.tracing,
        notify: this.#ports.notify,
        emit: (event) => {
          if (this.#hosted?.runId === run.id) fanOut.emit(event)
        },
        onAuthVersion: this.#ports.onAuthVersion,
        takeInjected: () =>
          runs
            .takeInjections()
            .map(({ message, createdAt }) => ({ role: 'user', content: message, createdAt })),
      })
    } catch (error) {
      // Ended from outside: its loop has only now come to know what it had spent.
      if (error instanceof StaleGenerationError) return this.#ports.onSpent(run)
      logError('run.crashed', error, { runId: run.id })
      result = {
        kind: 'failed',
        code: 'INTERNAL',
        error: 'something went wrong inside the gateway',
      }
    }
    if (this.#hosted?.runId !== run.id) return this.#ports.onSpent(run)
    this.#finish(run, result)
  }

  /** A model call that was cut starts over: listeners drop the chunks they have of it. */
  #announceResumption(journal: SqlRunJournal, generation: number): void {
    const { messages, runStart } = journal.transcript()
    if (standingOf(messages.slice(runStart)).kind !== 'thinking') return
    this.#ports.fanOut.emit({
      type: 'run.retrying',
      attempt: generation,
      maxAttempts: MAX_RESUMPTIONS,
    })
  }

  /** A call without a result would make the vendor refuse the session's next turn. */
  #closeOpenCalls(run: StoredRun): void {
    const { transcript, services } = this.#ports
    const own = transcript.since(run.firstMessageId)
    const standing = standingOf(own.map(({ message }) => message))
    if (standing.kind !== 'acting') return
    for (const { call } of standing.pending) {
      transcript.append(run.id, {
        role: 'tool',
        toolCallId: call.id,
        name: call.name,
        content: 'The run ended before the outcome of this call was known.',
        isError: true,
        createdAt: services.now(),
      })
    }
  }

  #finish(run: StoredRun, result: RunResult): void {
    const { runs, fanOut, services, atomically } = this.#ports
    const trace = this.#hosted?.runId === run.id ? this.#hosted.trace : null
    this.#hosted = null
    const waiters = atomically(() => {
      // A run that completed has an answer after its last call.
      if (result.kind !== 'completed') this.#closeOpenCalls(run)
      fanOut.emit(terminalEventOf(result))
      runs.finish(run.id, result, services.now())
      return runs.takeWaiters(run.id)
    })
    for (const replyTo of waiters) {
      this.#ports.reply(replyTo, (requestId) => answerFrame(requestId, run.id, result))
    }
    this.#ports.onEnded(run, result, trace?.finish(result, runs.usageOf(run.id)) ?? null)
  }
}
