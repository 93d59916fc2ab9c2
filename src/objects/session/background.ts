/** A session's work that outlives its request. Whoever takes the session away waits for its end. */
export class Background {
  readonly #keepAlive: (work: Promise<unknown>) => void
  readonly #begun = new Set<Promise<unknown>>()

  constructor(keepAlive: (work: Promise<unknown>) => void) {
    this.#keepAlive = keepAlive
  }

  /** @returns the work itself, for whoever wants its end or its failure */
  add<Value>(work: Promise<Value>): Promise<Value> {
    this.#begun.add(work)
    const forget = (): void => void this.#begun.delete(work)
    work.then(forget, forget)
    this.#keepAlive(work)
    return work
  }

  get isIdle(): boolean {
    return this.#begun.size === 0
  }

  /** Resolves once all that had begun has ended, however it did. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#begun)
  }

  /** As `settled`, for no longer than that. @returns whether all of it has ended */
  async settledWithin(ms: number): Promise<boolean> {
    if (this.isIdle) return true
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), ms)
    const hasEnded = await Promise.race([this.settled().then(() => true), late.promise])
    clearTimeout(timer)
    return hasEnded
  }
}
