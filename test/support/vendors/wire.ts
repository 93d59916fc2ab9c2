/** What a vendor's wire must be able to say. */
import type { Answer } from './script.ts'

export interface Wire {
  /** Appended to the server's origin: the base URL that a provider row holds. */
  readonly basePath: string
  /** The first frames of an answer, before any text. */
  begin(): string
  text(delta: string): string
  /** All frames of a complete answer. */
  answer(answer: Answer): readonly string[]
  errorEvent(code: string, message: string): string
  errorBody(status: number, code: string, message: string): string
}
