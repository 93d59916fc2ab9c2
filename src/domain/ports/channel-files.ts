/** Files that an answer carries along, in a conversation of a channel. */
import type { Result } from '../result.ts'

/** As it was when the agent sent it; later changes of the workspace's file do not reach it. */
export interface AnswerFile {
  readonly name: string
  readonly mimeType: string
  readonly bytes: Uint8Array
}

/** The errors are sentences for the model. */
export interface ChannelFilesPort {
  /**
   * Puts it to the answer that is being made, without what may not leave.
   *
   * @param callId asked twice it is one file
   */
  attach(
    callId: string,
    file: Pick<AnswerFile, 'name' | 'bytes'>,
    caption: string | null,
  ): Promise<Result<{ readonly isRedacted: boolean }, string>>
}
