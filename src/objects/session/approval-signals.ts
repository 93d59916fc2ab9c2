/** Wakes runs that wait for a human's answer. It holds no answers: those are rows, read anew. */
import type { ApprovalSignals } from '../../gateway/approvals.ts'

export class SessionApprovalSignals implements ApprovalSignals {
  readonly #waiting = new Map<string, Set<() => void>>()

  wait(approvalId: string, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(approvalId) ?? new Set()
      this.#waiting.set(approvalId, waiting)
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(approvalId)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake, { once: true })
      waiting.add(wake)
    })
  }

  answered(approvalId: string): void {
    const waiting = this.#waiting.get(approvalId)
    // Each takes itself out of the set, which a set's own iteration bears.
    for (const wake of waiting ?? []) wake()
  }
}
