/** An object's key-value storage in memory: what is put in comes out as a copy, as there. */
import type { OnceStorage } from '../../src/objects/tenant/once-store.ts'

export class MemoryKv implements OnceStorage {
  readonly entries = new Map<string, unknown>()
  writes = 0

  get<Value>(key: string): Value | undefined {
    return structuredClone(this.entries.get(key)) as Value | undefined
  }

  put<Value>(key: string, value: Value): void {
    this.writes++
    this.entries.set(key, structuredClone(value))
  }

  delete(key: string): boolean {
    this.writes++
    return this.entries.delete(key)
  }

  list<Value>({ prefix }: { prefix: string }): Iterable<[string, Value]> {
    return [...this.entries].filter((entry): entry is [string, Value] =>
      entry[0].startsWith(prefix),
    )
  }
}
