/**
 * The trace of the run that a session hosts: what brought it in, the run below that, and whatever the
 * turn adds. It is handed over when the run ends; a crash takes it along.
 */

import type { Usage } from '../../domain/message.ts'
import type { RunTracing } from '../../domain/ports/tracer.ts'
import type { RunResult } from '../../domain/run-event.ts'
import type { Attributes, RunTrace } from '../../domain/trace.ts'
import { usageAttributes } from '../../gateway/traced-model.ts'
import { Trace } from '../../telemetry/trace.ts'
import type { SessionMeta } from './meta-store.ts'
import type { StoredRun } from './run-store.ts'

const costOf = (result: RunResult): number =>
  result.kind === 'completed'
    ? (result.models ?? []).reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0)
    : 0

/** Said only where somebody knows a price. */
const costAttributes = (result: RunResult): Attributes =>
  result.kind === 'completed' && result.models?.some(({ costMicroUsd }) => costMicroUsd !== null)
    ? { 'edgeclaw.cost.usd': costOf(result) / 1_000_000 }
    : {}

export class HostedTrace {
  readonly tracing: RunTracing
  readonly #trace: Trace
  readonly #entry: RunTracing['run'] | null
  readonly #run: StoredRun
  readonly #meta: SessionMeta

  constructor(run: StoredRun, meta: SessionMeta, now: () => number) {
    const { trace: entry, origin, invocation, isCompaction } = run.options
    this.#run = run
    this.#meta = meta
    this.#trace = new Trace({ runId: run.id, parent: entry?.parent ?? null, now })
    this.#entry = entry?.name
      ? this.#trace.root({
          name: entry.name,
          kind: 'server',
          key: 'entry',
          at: entry.receivedAt,
          attributes: { 'edgeclaw.operation': entry.name, 'edgeclaw.channel': meta.channel },
        })
      : null
    const kind = isCompaction
      ? 'compaction'
      : invocation
        ? 'invocation'
        : (origin?.kind ?? 'message')
    const span = {
      name: `invoke_agent ${meta.agentKey}`,
      key: 'run',
      at: run.startedAt,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': meta.agentKey,
        'gen_ai.conversation.id': meta.sessionKey,
        'edgeclaw.run.id': run.id,
        'edgeclaw.run.kind': kind,
        ...(run.generation > 0 ? { 'edgeclaw.run.resumed': run.generation } : {}),
      },
    }
    const running = this.#entry ? this.#entry.start(span) : this.#trace.root(span)
    this.tracing = { run: running, trace: this.#trace }
  }

  /** @returns null where the tenant keeps none of it */
  finish(result: RunResult, usage: Usage): RunTrace | null {
    const status = result.kind === 'failed' ? 'error' : 'ok'
    const { run } = this.tracing
    run.set({
      'edgeclaw.run.result': result.kind,
      ...usageAttributes(usage),
      ...costAttributes(result),
    })
    if (result.kind === 'failed') run.set({ 'error.type': result.code })
    run.end(status)
    this.#entry?.end(status)
    const collected = this.#trace.collect()
    if (collected === null) return null
    return {
      traceId: this.#trace.traceId,
      runId: this.#run.id,
      userId: this.#run.principal.userId,
      agentKey: this.#meta.agentKey,
      sessionKey: this.#meta.sessionKey,
      status,
      startedAt: this.#run.startedAt,
      spent: {
        inputTokens: usage.promptTokens,
        outputTokens: usage.completionTokens,
        costMicroUsd: costOf(result),
      },
      ...collected,
    }
  }
}
