/** An admin's look at a model provider: does it answer, does it take the key, which models has it. */
import type { ProviderRecord } from '../agent-record.ts'

export interface ProviderLook {
  readonly latencyMs: number
  readonly models: readonly string[]
  /** A sentence without key and address; null: it answered as it should. */
  readonly error: string | null
}

export interface ProviderTestPort {
  look(record: ProviderRecord): Promise<ProviderLook>
}
