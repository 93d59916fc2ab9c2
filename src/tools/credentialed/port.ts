/** The one door to a credential. It opens when an exec starts, for that exec. */
import type { BinaryId } from '../../domain/ids.ts'
import type { Result } from '../../domain/result.ts'

export interface OpenedCredential {
  readonly env: Readonly<Record<string, string>>
  /** Whether a text holds a value of this environment, in any of its forms. */
  readonly isIn: (text: string) => boolean
}

export interface CredentialPort {
  /**
   * Values are registered with the run's scrubber before they are handed out. The error is a sentence
   * for the model; whatever goes wrong, and whatever takes too long, is an error.
   */
  open(binary: {
    readonly id: BinaryId
    readonly name: string
  }): Promise<Result<OpenedCredential, string>>
}
