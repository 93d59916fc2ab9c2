/** What an agent remembers of one user beyond their conversations, as notes that can be searched. */
import type { Result } from '../result.ts'

export const MEMORY_LIMITS = {
  maxNoteChars: 32_000,
  maxTitleChars: 200,
  maxQueryChars: 400,
  maxResults: 20,
  /** Pieces of notes of one user with one agent: about 15 MB of text. */
  maxChunks: 10_000,
} as const

export interface MemoryHit {
  readonly noteId: string
  readonly title: string
  /** The part of the note in which the words were found. */
  readonly snippet: string
  /** Its conversation held text from outside when it was saved: it may be somebody else's words. */
  readonly isUntrusted: boolean
  readonly createdAt: number
}

export interface MemoryNote {
  readonly noteId: string
  readonly title: string
  readonly text: string
  readonly isUntrusted: boolean
  readonly createdAt: number
}

export interface NewNote {
  readonly title: string
  readonly text: string
  readonly isUntrusted: boolean
}

export interface SavedNote {
  readonly noteId: string
  /** The same text had been noted before: that note stands, with the label it has. */
  readonly isKnown: boolean
}

/** `full`: there is no room for all of it. `empty`: it holds no word to be found by. `no_agent`: deleted meanwhile. */
export type SaveFailure = 'full' | 'empty' | 'no_agent'

/** Bound to one tenant, agent and user by whoever hands it out. */
export interface MemoryPort {
  /** The best match of every note, best first. */
  search(query: string, limit: number): Promise<Result<readonly MemoryHit[], 'unavailable'>>
  get(noteId: string): Promise<Result<MemoryNote, 'not_found' | 'unavailable'>>
  save(note: NewNote): Promise<Result<SavedNote, SaveFailure | 'unavailable'>>
}
