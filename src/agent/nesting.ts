/**
 * How deep a value made by a model is nested. Asked before anything walks it: serialisers and
 * scrubbers recurse, and the depth is the model's to choose.
 */

/** Whether objects and lists stand in each other more than `levels` times. Goes no deeper than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => isDeeperThan(inner, levels - 1))
}
