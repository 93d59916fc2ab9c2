/** A server's words about itself, made fit to stand in a prompt: one author's, short, and no marker. */
import { UNDRAWN_IN_LINES } from '../../domain/undrawn.ts'
import { MAX_DESCRIPTION_CHARS } from './limits.ts'

/** Takes from a text what reads like a marker of ours or a template's token; handed in by layer four. */
export type Neutralise = (text: string) => string

/** Hidden characters carry words to a model that no admin who agreed to them has seen. */
export const isPlain = (text: string): boolean => text.search(UNDRAWN_IN_LINES) === -1

export function cleanText(text: string, neutralise: Neutralise): string {
  const cut = text.slice(0, MAX_DESCRIPTION_CHARS * 4).replaceAll(UNDRAWN_IN_LINES, '')
  return neutralise(cut).slice(0, MAX_DESCRIPTION_CHARS).toWellFormed()
}
