/** What a person typed, out of the text that Slack makes of it: its escapes and its `<…>` sequences. */

const SEQUENCE = /<([@#!]|https?:\/\/|mailto:|tel:)([^<>|]*)(?:\|([^<>]*))?>/g
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/** In one pass: `&amp;lt;` is `&lt;`. */
const unescaped = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)

/** People, channels and groups by their ids: what they are called others chose, and it would be read as typed. */
function shown(mark: string, rest: string, label: string | undefined): string {
  if (mark === '@') return `@${rest}`
  if (mark === '#') return `#${rest}`
  if (mark === '!') return special(rest, label)
  const address = `${mark}${rest}`
  if (!label || label === address || mark === 'tel:' || address === `mailto:${label}`) {
    return label || address
  }
  // Slack puts a scheme before what was typed without one.
  return address.endsWith(`//${label}`) ? label : `${label} (${address})`
}

/** `here`, `subteam^S…`, or a date, whose words are its writer's own. */
function special(rest: string, label: string | undefined): string {
  const [kind = '', id = ''] = rest.split('^')
  if (kind === 'subteam') return `@${id}`
  return kind === 'date' && label ? label : `@${kind}`
}

/** @param own id of the bot, whose mention is taken out */
export function plainText(text: string, own: string | null): string {
  const others = text.replaceAll(SEQUENCE, (whole, mark: string, rest: string) =>
    mark === '@' && rest === own ? '' : whole,
  )
  return unescaped(
    others.replaceAll(SEQUENCE, (_, mark: string, rest: string, label?: string) =>
      shown(mark, rest, label),
    ),
  ).trim()
}

export const mentions = (text: string, id: string): boolean =>
  [...text.matchAll(SEQUENCE)].some(([, mark, rest]) => mark === '@' && rest === id)
