/** How long a run may think and act. */

/** Model calls a run; the last one is made without tools, so that it must answer. */
export const MAX_ITERATIONS = 30
/** Tool calls a run; later ones are answered with an error that says so. */
export const MAX_TOOL_CALLS = 25
/** Wall clock of a run, over all its resumptions. */
export const RUN_TIMEOUT_MS = 30 * 60_000
/**
 * Share of the model's window at which room is made: old results are shortened, older turns are
 * summarised, and where that fails the oldest leave.
 */
export const CONTEXT_FILL = 0.85
