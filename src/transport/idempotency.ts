/**
 * Requests that came under an idempotency key: the first acts, a repeat is answered what the first
 * was, the same key with another body is refused. It judges no request and knows no operation; a
 * name stands for principal, operation and key together.
 */
import type { KeptAnswer, RequestClaim } from '../domain/ports/limiter.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TableChange } from './bucket-table.ts'
import type { TransportRefusal } from './refusal.ts'

/** As long as a client may sensibly repeat what was not acknowledged. */
export const KEY_RETENTION_MS = 60 * 60_000
/** No operation takes this long: whoever claimed before that and said nothing since is gone. */
export const RUNNING_MS = 2 * 60_000
/** Of one principal; beyond it the oldest is forgotten, which harms nobody else. */
export const MAX_KEYS = 1_000
/** A larger answer is not kept, and its repeat is told so. */
export const MAX_ANSWER_CHARS = 32 * 1024
/** All answers of one principal; beyond it the oldest go, their keys stay. */
export const MAX_KEPT_CHARS = 1024 * 1024

export interface KeyRow {
  readonly bodyHash: string
  readonly claimedAt: number
  readonly state: 'running' | 'done'
  readonly answer: KeptAnswer | null
}

type Change = TableChange<KeyRow>
const NOTHING: Change = { written: new Map(), dropped: [] }

/** Visible ASCII, as drafts of the header's standard say of a structured-field string. */
const KEY = /^[\x21-\x7e]{1,200}$/

export function parseIdempotencyKey(
  header: string | null,
): Result<string | null, TransportRefusal> {
  if (header === null) return ok(null)
  return KEY.test(header) ? ok(header) : err({ kind: 'idempotency_key_malformed' })
}

export class IdempotencyTable {
  /** By name, oldest claim first. */
  readonly #rows: Map<string, KeyRow>
  #keptChars = 0

  constructor(rows: Iterable<readonly [string, KeyRow]> = []) {
    this.#rows = new Map([...rows].sort(([, a], [, b]) => a.claimedAt - b.claimedAt))
    for (const row of this.#rows.values()) this.#keptChars += charsOf(row)
  }

  get size(): number {
    return this.#rows.size
  }

  claim(
    name: string,
    bodyHash: string,
    now: number,
  ): { readonly claim: RequestClaim; readonly change: Change } {
    const dropped = [...this.expire(now)]
    const known = this.#rows.get(name)
    if (known) return { claim: claimOn(known, bodyHash, now), change: { ...NOTHING, dropped } }
    if (this.#rows.size >= MAX_KEYS) {
      const oldest = this.#oldest()
      this.#drop(oldest)
      dropped.push(oldest)
    }
    const row: KeyRow = { bodyHash, claimedAt: now, state: 'running', answer: null }
    this.#rows.set(name, row)
    return { claim: { kind: 'first' }, change: { written: new Map([[name, row]]), dropped } }
  }

  settle(name: string, answer: KeptAnswer | null): Change {
    const claimed = this.#rows.get(name)
    if (claimed?.state !== 'running') return NOTHING
    const isKept = answer !== null && answer.body.length <= MAX_ANSWER_CHARS
    const written = new Map<string, KeyRow>()
    this.#put(name, { ...claimed, state: 'done', answer: isKept ? answer : null }, written)
    for (const [older, row] of this.#rows) {
      if (this.#keptChars <= MAX_KEPT_CHARS) break
      if (row.answer !== null) this.#put(older, { ...row, answer: null }, written)
    }
    return { written, dropped: [] }
  }

  release(name: string): Change {
    if (this.#rows.get(name)?.state !== 'running') return NOTHING
    this.#drop(name)
    return { written: new Map(), dropped: [name] }
  }

  expire(now: number): readonly string[] {
    const dropped: string[] = []
    for (const [name, { claimedAt }] of this.#rows) {
      if (claimedAt + KEY_RETENTION_MS > now) break
      this.#drop(name)
      dropped.push(name)
    }
    return dropped
  }

  /** One that acted already, if there is one: what still runs is what a repeat would double. */
  #oldest(): string {
    const [first = ''] = this.#rows.keys()
    for (const [name, { state }] of this.#rows) if (state === 'done') return name
    return first
  }

  /** Keeps its place: rows stand in the order of their claims. */
  #put(name: string, row: KeyRow, written: Map<string, KeyRow>): void {
    this.#keptChars += charsOf(row) - charsOf(this.#rows.get(name))
    this.#rows.set(name, row)
    written.set(name, row)
  }

  #drop(name: string): void {
    this.#keptChars -= charsOf(this.#rows.get(name))
    this.#rows.delete(name)
  }
}

const charsOf = (row: KeyRow | undefined): number => row?.answer?.body.length ?? 0

function claimOn(row: KeyRow, bodyHash: string, now: number): RequestClaim {
  if (row.bodyHash !== bodyHash) return { kind: 'reused' }
  if (row.answer !== null) return { kind: 'repeat', answer: row.answer }
  if (row.state === 'done') return { kind: 'not_kept' }
  return { kind: row.claimedAt + RUNNING_MS > now ? 'running' : 'unknown' }
}
