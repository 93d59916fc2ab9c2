/**
 * The budget of tool calls per session and hour: arithmetic over a sliding window of whole minutes.
 * It keeps nothing itself; the session stores the window that it is handed back.
 */
const WINDOW_MINUTES = 60
const MS_PER_MINUTE = 60_000

/** Calls per minute, oldest first; at most 61 entries, whatever the limit. */
export interface ToolCallWindow {
  readonly minutes: readonly { readonly minute: number; readonly calls: number }[]
}

export const EMPTY_WINDOW: ToolCallWindow = { minutes: [] }

/** Where a session keeps its window; synchronous, as a Durable Object's storage is. */
export interface ToolBudgetPort {
  readToolCallWindow(): ToolCallWindow
  writeToolCallWindow(window: ToolCallWindow): void
}

export type BudgetVerdict =
  | { readonly isAllowed: true; readonly window: ToolCallWindow }
  | { readonly isAllowed: false; readonly retryAfterMs: number }

/** Takes one call of the budget at time `now` (ms). A limit of 0 is no limit. */
export function takeToolCall(
  window: ToolCallWindow,
  limitPerHour: number,
  now: number,
): BudgetVerdict {
  const current = Math.floor(now / MS_PER_MINUTE)
  // A minute in the future (a clock set back) still counts: budgets never refill by accident.
  const recent = window.minutes.filter(({ minute }) => minute > current - WINDOW_MINUTES)
  const used = recent.reduce((sum, { calls }) => sum + calls, 0)
  const oldest = recent[0]
  if (limitPerHour > 0 && used >= limitPerHour && oldest !== undefined) {
    return {
      isAllowed: false,
      retryAfterMs: Math.max(1, (oldest.minute + WINDOW_MINUTES) * MS_PER_MINUTE - now),
    }
  }
  const last = recent.at(-1)
  const minutes =
    last !== undefined && last.minute >= current
      ? [...recent.slice(0, -1), { minute: last.minute, calls: last.calls + 1 }]
      : [...recent, { minute: current, calls: 1 }]
  return { isAllowed: true, window: { minutes } }
}
