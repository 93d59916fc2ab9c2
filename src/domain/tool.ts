/** What a tool call comes to, as the model, the transcript and the listeners see it. */
import type { UntrustedSource } from './untrusted.ts'

export interface ToolOutcome {
  readonly content: string
  readonly isError: boolean
  /** Set when the content was not written here: it goes to the model as data, between markers. */
  readonly untrusted?: UntrustedSource
}

/** Content given to model and transcript is cut to head and tail at this size; the whole is kept as a file. */
export const MAX_TOOL_RESULT_BYTES = 32 * 1024
