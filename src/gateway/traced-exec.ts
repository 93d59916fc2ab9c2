/**
 * A command in the sandbox as two spans: our waiting for it, and the runner's process, which the runner
 * names itself. The command, its output and its files are no part of either.
 */
import type { SandboxExecResult, SandboxFailure } from '../domain/ports/sandbox.ts'
import type { ActiveSpan } from '../domain/ports/tracer.ts'
import type { Result } from '../domain/result.ts'
import type { ExecTracing } from '../isolation/runner-wire.ts'

export interface TracedExec {
  readonly options: { readonly tracing?: ExecTracing }
  result(
    running: Promise<Result<SandboxExecResult, SandboxFailure>>,
  ): Promise<Result<SandboxExecResult, SandboxFailure>>
}

export function traceExec(parent: ActiveSpan, now: () => number): TracedExec {
  const span = parent.start({ name: 'sandbox_exec', kind: 'client' })
  const { traceparent } = span
  let runner: { readonly spanId: string; readonly at: number } | null = null
  const tracing: ExecTracing | null =
    traceparent === null
      ? null
      : {
          traceparent,
          onRunnerSpan: (spanId) => {
            if (runner?.spanId !== spanId) runner = { spanId, at: now() }
          },
        }
  return {
    options: tracing === null ? {} : { tracing },
    result: async (running) => {
      try {
        const result = await running
        if (runner !== null) tellProcess(span, runner, result, now())
        if (!result.ok) span.set({ 'error.type': result.error.kind })
        span.end(result.ok ? 'ok' : 'error')
        return result
      } finally {
        span.end('error')
      }
    },
  }
}

function tellProcess(
  span: ActiveSpan,
  { spanId, at }: { readonly spanId: string; readonly at: number },
  result: Result<SandboxExecResult, SandboxFailure>,
  now: number,
): void {
  const child = span.start({
    name: 'process',
    kind: 'server',
    service: 'sandbox-runner',
    spanId,
    at,
  })
  if (!result.ok) {
    child.set({ 'error.type': result.error.kind })
    child.end('error', now)
    return
  }
  const { exitCode, signal, isTimedOut, isOutOfMemory, isTruncated, durationMs } = result.value
  child.set({
    ...(exitCode === null ? {} : { 'process.exit.code': exitCode }),
    ...(signal === null ? {} : { 'process.exit.signal': signal }),
    'edgeclaw.exec.duration_ms': durationMs,
    'edgeclaw.exec.timed_out': isTimedOut,
    'edgeclaw.exec.out_of_memory': isOutOfMemory,
    'edgeclaw.exec.truncated': isTruncated,
  })
  child.end(exitCode === 0 ? 'ok' : 'error', now)
}
