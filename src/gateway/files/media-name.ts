/** Under which name a file of somebody's own is kept: letters and digits alone, as it may reach a model. */
import type { MediaType } from './media-type.ts'

const MAX_STEM_CHARS = 80
/** Kinds of plain text whose ending an agent looks at. */
const TEXT_EXTENSION = /\.(?:csv|json|log|md|tsv|txt|yaml|yml)$/i

const stemOf = (name: string): string =>
  name
    .replace(/^.*[/\\]/s, '')
    .replace(/\.[^.]*$/s, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .slice(0, MAX_STEM_CHARS) || 'file'

/** @param id tells it from others of the same name */
export function mediaName(id: string, name: string, media: MediaType): string {
  const extension = TEXT_EXTENSION.exec(name)?.[0].slice(1).toLowerCase()
  const ending = media.type === 'text/plain' ? (extension ?? media.extension) : media.extension
  return `${id}-${stemOf(name)}.${ending}`
}
