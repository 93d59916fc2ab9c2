/** The part of a text in which most of a question's words stand. */
import { termsOf } from './terms.ts'

const MAX_SNIPPET_CHARS = 320
const STEP_CHARS = 80

export function snippetOf(text: string, query: string): string {
  if (text.length <= MAX_SNIPPET_CHARS) return flat(text)
  const wanted = new Set(termsOf(query))
  let best = { start: 0, found: -1 }
  for (let start = 0; start < text.length - STEP_CHARS; start += STEP_CHARS) {
    const found = countFound(text.slice(start, start + MAX_SNIPPET_CHARS), wanted)
    if (found > best.found) best = { start, found }
  }
  const end = Math.min(text.length, best.start + MAX_SNIPPET_CHARS)
  const part = flat(text.slice(best.start, end).toWellFormed().replaceAll('\ufffd', ''))
  return `${best.start > 0 ? '… ' : ''}${part}${end < text.length ? ' …' : ''}`
}

/** A word counts when it begins as one of the question's does: so the index finds it. */
function countFound(part: string, wanted: ReadonlySet<string>): number {
  const there = termsOf(part)
  return [...wanted].filter((term) => there.some((word) => word.startsWith(term))).length
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
