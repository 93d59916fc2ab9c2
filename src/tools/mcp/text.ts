/** A server's words about itself, made fit to stand in a prompt: one author's, short, and no marker. */
import { MAX_DESCRIPTION_CHARS } from './limits.ts'

/** Takes from a text what reads like a marker of ours or a template's token; handed in by layer four. */
export type Neutralise = (text: string) => string

/** Hidden characters carry words to a model that no admin who agreed to them has seen. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

export const isPlain = (text: string): boolean => text.search(HIDDEN) === -1

export function cleanText(text: string, neutralise: Neutralise): string {
  const cut = text.slice(0, MAX_DESCRIPTION_CHARS * 4).replaceAll(HIDDEN, '')
  return neutralise(cut).slice(0, MAX_DESCRIPTION_CHARS).toWellFormed()
}
