/**
 * The last steps of a workspace, in memory: what brings a manifest of one of its states to the next. For
 * as long as the object lives; of any other state it says that it does not know it.
 */
import { randomBase64Url } from '../../crypto/random.ts'
import type { ManifestEntry } from '../../domain/ports/workspace.ts'
import type { CommitPlan } from './plan.ts'

/** A thousand entries are 300 KB; whoever is further behind takes the whole. */
const MAX_ENTRIES = 1_000

interface Step {
  readonly seq: number
  readonly put: readonly ManifestEntry[]
  readonly remove: readonly string[]
}

const sizeOf = ({ put, remove }: Step): number => put.length + remove.length + 1

export class WorkspaceSteps {
  /** An erased workspace begins to count anew: its states must not pass for those before. */
  readonly #life = randomBase64Url(9)
  #steps: Step[] = []

  versionOf(seq: number): string {
    return `${this.#life}.${seq}`
  }

  add(seq: number, { put, remove }: Pick<CommitPlan, 'put' | 'remove'>): void {
    this.#steps.push({ seq, put, remove })
    let size = this.#steps.reduce((sum, step) => sum + sizeOf(step), 0)
    while (size > MAX_ENTRIES) {
      const oldest = this.#steps.shift()
      if (oldest === undefined) return
      size -= sizeOf(oldest)
    }
  }

  /** What changed between a version and the state after step `seq`, each path once; null when not known. */
  since(
    version: string,
    seq: number,
  ): { readonly put: readonly ManifestEntry[]; readonly delete: readonly string[] } | null {
    if (version === this.versionOf(seq)) return { put: [], delete: [] }
    const from = this.#steps.findIndex((step) => this.versionOf(step.seq - 1) === version)
    if (from === -1) return null
    const last = new Map<string, ManifestEntry | null>()
    for (const { put, remove } of this.#steps.slice(from).filter((step) => step.seq <= seq)) {
      for (const path of remove) last.set(path, null)
      for (const entry of put) last.set(entry.path, entry)
    }
    return {
      put: [...last.values()].filter((entry) => entry !== null),
      delete: [...last].flatMap(([path, entry]) => (entry === null ? [path] : [])),
    }
  }
}
