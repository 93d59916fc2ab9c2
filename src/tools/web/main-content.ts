/**
 * Finds the part of a page that it was written for: what its author marked as such, else where the
 * running text is, judged as reading modes of browsers do. It guesses, so it leaves out only what is
 * surely beside the point, and gives the whole page where the guess would lose most of it.
 */
import { isBlock, isInvisible } from './html-elements.ts'
import { findElement, isElement, type MarkupElement } from './markup.ts'

/** Less text than this is a teaser or an error, not an article. */
const MIN_ARTICLE_CHARS = 200
/** A paragraph that is shorter is a caption, a button or a line of a menu. */
const MIN_PARAGRAPH_CHARS = 25
const POINTS_FOR_LENGTH = 3
const CHARS_PER_POINT = 100
/** Of all that could be it: what holds less is one part among others. */
const MIN_SHARE = 0.6

const BESIDE = new Set(['nav', 'aside', 'footer', 'menu'])
const BESIDE_ROLES =
  /^(?:navigation|banner|contentinfo|search|complementary|dialog|alertdialog|menu|menubar|toolbar|alert)$/
const BESIDE_NAMES =
  /(?:^|[\s_-])(?:ads?|advert\w*|banner|breadcrumbs?|comments?|cookies?|consent|disqus|footer|gdpr|masthead|menu|modal|nav|navbar|navigation|newsletter|pager|pagination|popup|promo|related|share|sharing|sidebar|skip-link|social|sponsor\w*|subscribe|toolbar|widget)(?:$|[\s_-])/i
const CONTENT_NAMES = /article|body|column|content|main|post|story|entry/i
/** Never left out by what they are called: themes write `has-sidebar` onto the whole page. */
const FRAMES = new Set(['', 'html', 'body', 'main', 'article'])

export type Keep = (element: MarkupElement) => boolean

const isHidden = ({ attributes }: MarkupElement): boolean =>
  attributes.has('hidden') ||
  attributes.get('aria-hidden') === 'true' ||
  /display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden/i.test(attributes.get('style') ?? '')

const isVisible: Keep = (element) => !isInvisible(element.name) && !isHidden(element)

const isContent: Keep = (element) => {
  if (!isVisible(element)) return false
  if (FRAMES.has(element.name)) return true
  if (BESIDE.has(element.name)) return false
  const { attributes } = element
  if (BESIDE_ROLES.test(attributes.get('role') ?? '')) return false
  const names = `${attributes.get('class') ?? ''} ${attributes.get('id') ?? ''}`
  return names === ' ' || !BESIDE_NAMES.test(names) || CONTENT_NAMES.test(names)
}

interface Measure {
  readonly chars: number
  readonly linkChars: number
}

interface Scored {
  readonly element: MarkupElement
  readonly measure: Measure
  readonly score: number
}

/** One walk over the page: how much text every element holds, and what speaks for it. */
class Survey {
  readonly #keep: Keep
  readonly #measures = new Map<MarkupElement, Measure>()
  readonly #scores = new Map<MarkupElement, number>()

  constructor(page: MarkupElement, keep: Keep) {
    this.#keep = keep
    this.#visit(page, [], false)
  }

  measureOf(element: MarkupElement): Measure {
    return this.#measures.get(element) ?? { chars: 0, linkChars: 0 }
  }

  /** Running text counts, text of links does not. */
  best(): Scored | null {
    let best: Scored | null = null
    for (const [element, points] of this.#scores) {
      const measure = this.measureOf(element)
      const score = points * (1 - measure.linkChars / Math.max(1, measure.chars))
      if (best === null || score > best.score) best = { element, measure, score }
    }
    return best
  }

  #visit(element: MarkupElement, ancestors: readonly MarkupElement[], isInLink: boolean): Measure {
    let chars = 0
    let linkChars = 0
    let ownChars = 0
    let commas = 0
    const path = [element, ...ancestors.slice(0, 2)]
    const isLink = isInLink || element.name === 'a'
    for (const child of element.children) {
      if (!isElement(child)) {
        const length = child.trim().length
        chars += length
        ownChars += length
        if (isLink) linkChars += length
        else commas += countCommas(child)
        continue
      }
      if (!this.#keep(child)) continue
      const inside = this.#visit(child, isBlock(child.name) ? path : ancestors, isLink)
      chars += inside.chars
      linkChars += inside.linkChars
      if (!isBlock(child.name)) ownChars += inside.chars
    }
    const measure = { chars, linkChars }
    this.#measures.set(element, measure)
    if (isBlock(element.name) && ownChars >= MIN_PARAGRAPH_CHARS) {
      this.#award(ancestors, 1 + commas + Math.min(POINTS_FOR_LENGTH, ownChars / CHARS_PER_POINT))
    }
    return measure
  }

  /** A paragraph speaks for its parent, and half as much for each one further out. */
  #award(ancestors: readonly MarkupElement[], points: number): void {
    let share = points
    for (const ancestor of ancestors) {
      this.#scores.set(ancestor, (this.#scores.get(ancestor) ?? 0) + share)
      share /= 2
    }
  }
}

function countCommas(text: string): number {
  let count = 0
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) count++
  return count
}

const isMain: Keep = ({ name, attributes }) =>
  name === 'main' ||
  attributes.get('role') === 'main' ||
  attributes.get('itemprop') === 'articleBody'

/** The outermost articles of a page, in order. */
function articlesIn(element: MarkupElement, found: MarkupElement[] = []): readonly MarkupElement[] {
  for (const child of element.children.filter(isElement)) {
    if (child.name === 'article') found.push(child)
    else articlesIn(child, found)
  }
  return found
}

/** What the author marked: one `main`, or one article that is nearly all of them; else the page. */
function marked(page: MarkupElement, survey: Survey): MarkupElement | null {
  const main = findElement(page, isMain)
  if (main !== null) return main
  const articles = articlesIn(page)
  let longest: MarkupElement | null = null
  let longestChars = 0
  let chars = 0
  for (const article of articles) {
    const own = survey.measureOf(article).chars
    chars += own
    if (own <= longestChars) continue
    longest = article
    longestChars = own
  }
  if (longest === null) return null
  return longestChars >= MIN_SHARE * chars ? longest : page
}

export interface MainContent {
  readonly element: MarkupElement
  /** Which elements below it to show. */
  readonly keep: Keep
}

export function findMainContent(page: MarkupElement): MainContent {
  const whole = new Survey(page, isVisible).measureOf(page)
  const survey = new Survey(page, isContent)
  const content = survey.measureOf(page)
  if (content.chars < Math.min(MIN_ARTICLE_CHARS, whole.chars)) {
    return { element: page, keep: isVisible }
  }
  const enough = Math.max(MIN_ARTICLE_CHARS, MIN_SHARE * (content.chars - content.linkChars))
  const byAuthor = marked(page, survey)
  if (byAuthor !== null && survey.measureOf(byAuthor).chars >= MIN_ARTICLE_CHARS) {
    return { element: byAuthor, keep: isContent }
  }
  const best = survey.best()
  const isSure = best !== null && best.measure.chars - best.measure.linkChars >= enough
  return { element: isSure ? best.element : page, keep: isContent }
}
