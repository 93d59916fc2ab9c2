/** What HTML says of its elements (WHATWG, "The elements of HTML" and "Optional tags"); data only. */
const set = (names: string): ReadonlySet<string> => new Set(names.split(' '))

const VOID = set('area base br col embed hr img input link meta param source track wbr')
/** Their content is no text of the page. */
const RAW_TEXT = set('script style iframe noembed noframes xmp plaintext')
/** Parts of a page that nobody reads as text. */
const INVISIBLE = set(
  'script style iframe noembed noframes xmp plaintext template noscript head title svg math canvas object embed audio video select option datalist button input textarea link meta',
)
const BLOCKS = set(
  'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul',
)
const INLINE = set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp small span strike strong sub sup time tt u var',
)
const HEAD_CONTENT = set('title meta link base style script noscript template')

export interface ImpliedEnd {
  readonly ends: ReadonlySet<string>
  /** Elements that lie between keep what is outside of them open. */
  readonly until: ReadonlySet<string>
}

const NOTHING = set('')
const PARAGRAPH_END: ImpliedEnd = {
  ends: set('p'),
  until: set('button caption table td th object'),
}
const CELL_END: ImpliedEnd = { ends: set('td th'), until: set('tr table') }

const IMPLIED_ENDS: ReadonlyMap<string, ImpliedEnd> = new Map([
  ['li', { ends: set('li'), until: set('ul ol menu dir') }],
  ['dt', { ends: set('dt dd'), until: set('dl') }],
  ['dd', { ends: set('dt dd'), until: set('dl') }],
  ['td', CELL_END],
  ['th', CELL_END],
  ['tr', { ends: set('tr td th'), until: set('table') }],
  ['tbody', { ends: set('thead tbody tfoot tr td th'), until: set('table') }],
  ['tfoot', { ends: set('thead tbody tfoot tr td th'), until: set('table') }],
  ['option', { ends: set('option'), until: set('select datalist') }],
  ['a', { ends: set('a'), until: set('td th table object') }],
  ['body', { ends: set('head'), until: NOTHING }],
])

export const isVoid = (name: string): boolean => VOID.has(name)
export const isRawText = (name: string): boolean => RAW_TEXT.has(name)
export const isInvisible = (name: string): boolean => INVISIBLE.has(name)
export const isHeadContent = (name: string): boolean => HEAD_CONTENT.has(name)
export const isHtml = (name: string): boolean =>
  INLINE.has(name) || BLOCKS.has(name) || INVISIBLE.has(name) || VOID.has(name)
export const isBlock = (name: string): boolean => BLOCKS.has(name)

/** What a start tag ends by itself; null for most. */
export const closedBy = (name: string): ImpliedEnd | null =>
  IMPLIED_ENDS.get(name) ?? (BLOCKS.has(name) ? PARAGRAPH_END : null)
