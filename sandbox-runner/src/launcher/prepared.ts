/**
 * Containers that ran nothing yet, made ahead of the jobs that will get them: some of the usual shape
 * and of those asked for lately. One is made at a time, so that a refill never competes with jobs.
 */
import { MAX_AGE_MS, type Shape, shapeHash } from './container.ts'
import type { Sandbox, Sandboxes } from './sandboxes.ts'

/** A shape that nobody asked for in this time is no longer kept ready. */
const WANTED_MS = 10 * 60_000
const MAX_SHAPES = 4
/**
 * An engine that cannot make one now is not asked again at once; nor is one lost this soon after it was
 * made replaced at once, since the image may be one whose containers all end.
 */
const RETRY_MS = 5_000

export interface PreparedOptions {
  readonly sandboxes: Sandboxes
  /** Of each shape. */
  readonly size: number
  /** Null while there is no image or no engine. */
  readonly usualShape: () => Promise<Shape | null>
  readonly nowMs: () => number
}

export function createPrepared({ sandboxes, size, usualShape, nowMs }: PreparedOptions) {
  const wanted = new Map<string, { readonly shape: Shape; lastAt: number }>()
  let waiting: Sandbox[] = []
  let isFilling = false
  let isClosed = false
  let retryAt = 0

  const countOf = (hash: string): number => waiting.filter(({ shape }) => shape === hash).length

  /** Who asks for many kinds gets none made ahead, and turns out nobody else's. */
  function want(shape: Shape, isUsual = false): void {
    const hash = shapeHash(shape)
    if (!wanted.has(hash) && wanted.size >= MAX_SHAPES && !isUsual) return
    wanted.delete(hash)
    wanted.set(hash, { shape, lastAt: nowMs() })
    for (const old of wanted.keys()) {
      if (wanted.size <= MAX_SHAPES) break
      wanted.delete(old)
    }
  }

  const isFit = (sandbox: Sandbox): boolean =>
    !sandbox.isLost && nowMs() - sandbox.madeAt < MAX_AGE_MS && wanted.has(sandbox.shape)

  /** Removes what is lost, old or no longer asked for, and makes what is missing. */
  async function fill(): Promise<void> {
    if (size === 0 || isFilling || isClosed || nowMs() < retryAt) return
    isFilling = true
    try {
      const usual = await usualShape()
      for (const [hash, { lastAt }] of wanted) {
        if (nowMs() - lastAt > WANTED_MS) wanted.delete(hash)
      }
      if (usual !== null) want(usual, true)
      const unfit = waiting.filter((sandbox) => !isFit(sandbox))
      waiting = waiting.filter(isFit)
      for (const sandbox of unfit) sandboxes.remove(sandbox).catch(() => {})
      const lost = unfit.filter(({ isLost }) => isLost)
      retryAt = Math.max(0, ...lost.map(({ madeAt }) => madeAt + RETRY_MS))
      if (nowMs() < retryAt) return
      for (const [hash, { shape }] of wanted) {
        while (!isClosed && countOf(hash) < size) {
          const made = await sandboxes.make(shape)
          if (isClosed) sandboxes.remove(made).catch(() => {})
          else waiting.push(made)
        }
      }
    } catch {
      retryAt = nowMs() + RETRY_MS
    } finally {
      isFilling = false
    }
  }

  return {
    fill,
    count: (): number => waiting.length,
    take(shape: Shape): Sandbox | null {
      want(shape)
      const hash = shapeHash(shape)
      const found = waiting.find((sandbox) => sandbox.shape === hash && isFit(sandbox))
      waiting = waiting.filter((sandbox) => sandbox !== found)
      return found ?? null
    },
    close(): void {
      isClosed = true
      waiting = []
    },
  }
}
