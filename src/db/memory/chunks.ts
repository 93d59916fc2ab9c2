/** Cuts a note into pieces where it pauses. Put together again they are the note, to the character. */
import { cutPlace } from '../../domain/text-cut.ts'

export const MAX_CHUNK_CHARS = 1_500
/** A piece that ends earlier would be too little to be found by. */
const MIN_CHUNK_CHARS = 500
/** The better places to cut come first. */
const PAUSES: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /[.!?。！？]\s*/gu, /\s/g]

export function chunksOf(text: string): readonly string[] {
  const chunks: string[] = []
  let start = 0
  while (text.length - start > MAX_CHUNK_CHARS) {
    const end = cutPlace(text, start + cutIn(text.slice(start, start + MAX_CHUNK_CHARS)))
    chunks.push(text.slice(start, end))
    start = end
  }
  if (start < text.length) chunks.push(text.slice(start))
  return chunks
}

function cutIn(window: string): number {
  for (const pause of PAUSES) {
    let last = 0
    for (const { 0: found, index } of window.matchAll(pause)) last = index + found.length
    if (last >= MIN_CHUNK_CHARS) return last
  }
  return window.length
}
