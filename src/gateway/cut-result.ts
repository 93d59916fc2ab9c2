/** Cuts a long tool result to head and tail for the model, and keeps the whole as a file. */
import { keepResult, NOT_KEPT } from '../domain/kept-result.ts'
import type { WorkspacePort } from '../domain/ports/workspace.ts'
import { MAX_TOOL_RESULT_BYTES, type ToolOutcome } from '../domain/tool.ts'

const HEAD_BYTES = (MAX_TOOL_RESULT_BYTES * 3) / 4
const TAIL_BYTES = MAX_TOOL_RESULT_BYTES - HEAD_BYTES - 256

export interface KeepOptions {
  /** Where the whole may be kept; null when the run must not write. */
  readonly workspace: WorkspacePort | null
  /** The conversation holds text from outside: what is kept of it carries that label. */
  readonly hasSeenUntrusted: boolean
}

export async function keepWhole(
  outcome: ToolOutcome,
  callKey: string,
  { workspace, hasSeenUntrusted }: KeepOptions,
): Promise<ToolOutcome> {
  const bytes = new TextEncoder().encode(outcome.content)
  if (bytes.length <= MAX_TOOL_RESULT_BYTES) return outcome
  const isUntrusted = hasSeenUntrusted || outcome.untrusted !== undefined
  const note = workspace === null ? NOT_KEPT : await keep(bytes, isUntrusted, callKey, workspace)
  const cutBytes = bytes.length - HEAD_BYTES - TAIL_BYTES
  const decoder = new TextDecoder()
  // A character that the cut splits becomes a replacement mark, which is dropped again.
  const head = decoder.decode(bytes.subarray(0, HEAD_BYTES)).replace(/\ufffd{1,3}$/, '')
  const tail = decoder.decode(bytes.subarray(bytes.length - TAIL_BYTES)).replace(/^\ufffd{1,3}/, '')
  return { ...outcome, content: `${head}\n\n[… ${cutBytes} bytes cut; ${note} …]\n\n${tail}` }
}

async function keep(
  bytes: Uint8Array,
  isUntrusted: boolean,
  callKey: string,
  workspace: WorkspacePort,
): Promise<string> {
  const staged = await workspace.stage(bytes)
  if (!staged.ok) return NOT_KEPT
  return keepResult(workspace, {
    name: `${callKey}.txt`,
    commitKey: `${callKey}.result`,
    blob: staged.value,
    isUntrusted,
  })
}
