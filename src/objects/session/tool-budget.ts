/** The session's window of tool calls, kept over evictions and restarts. */
import { EMPTY_WINDOW, type ToolBudgetPort, type ToolCallWindow } from '../../tools/budget.ts'

const KEY = 'toolCallWindow'

export class StoredToolBudget implements ToolBudgetPort {
  readonly #kv: SyncKvStorage

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  readToolCallWindow(): ToolCallWindow {
    return this.#kv.get<ToolCallWindow>(KEY) ?? EMPTY_WINDOW
  }

  writeToolCallWindow(window: ToolCallWindow): void {
    this.#kv.put(KEY, window)
  }
}
