/** The one door to a credential. It opens when an exec starts, for that exec. */
import type { CredentialedBinary } from '../../domain/credentialed-binary.ts'
import type { Result } from '../../domain/result.ts'

export interface OpenedCredential {
  readonly env: Readonly<Record<string, string>>
  /** Whether a text holds a value of this environment, in any of its forms. */
  readonly isIn: (text: string) => boolean
}

export interface CredentialPort {
  /**
   * Values are registered with the run's scrubber before they are handed out. The error is a sentence
   * for the model; whatever goes wrong, and whatever takes too long, is an error. So is a binary that
   * was changed since it was judged: its credential is another destination's.
   */
  open(
    binary: Pick<CredentialedBinary, 'id' | 'name' | 'absolutePath' | 'hosts'>,
  ): Promise<Result<OpenedCredential, string>>
}
