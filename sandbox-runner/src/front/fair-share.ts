/** Who may start another exec: pure arithmetic, no queue. */

/** Twice as many as stay free for others: alone a tenant may have two thirds of a runner. */
const SHARE = 2

/**
 * A tenant may hold at most SHARE times as many sandboxes as stay free beside the one it asks for
 * (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998).
 * However hard some flood, a part is left, so that one who has none yet is let in at once; alone, a
 * tenant gets two thirds, of two that flood each gets two fifths.
 */
export const mayStart = (running: number, ownRunning: number, max: number): boolean => {
  const free = max - running
  return free > 0 && (ownRunning === 0 || ownRunning < SHARE * (free - 1))
}
