/** What a tool call comes to, as the model, the transcript and the listeners see it. */
export interface ToolOutcome {
  readonly content: string
  readonly isError: boolean
}

/** Content given to model and transcript is cut to head and tail at this size; the whole is kept as a file. */
export const MAX_TOOL_RESULT_BYTES = 32 * 1024
