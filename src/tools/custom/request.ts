/**
 * The request of a custom tool, made of its template and checked arguments. An argument is data in every
 * place: it is encoded for where it stands, and cannot change host, path parts, names or headers.
 */
import type { CustomRequest } from '../../domain/custom-tool.ts'
import type { JsonObject } from '../../domain/mcp.ts'
import type { FilledRequest } from '../../domain/ports/custom-tools.ts'
import { err, ok, type Result } from '../../domain/result.ts'

const PLACE = /\{([A-Za-z_][A-Za-z0-9_]{0,63})\}/g
const ONE_PLACE = /^\{([A-Za-z_][A-Za-z0-9_]{0,63})\}$/
/** Unreserved characters, escapes and what may stand in a path by itself. */
const LITERAL_PATH = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/
const DOTS = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i
const MAX_BODY_DEPTH = 16
const MAX_URL_CHARS = 8_000

const placesOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(PLACE), ([, name]) => name ?? '')

function stringsOf(json: unknown, depth = 0): readonly string[] | null {
  if (typeof json === 'string') return [json]
  if (typeof json !== 'object' || json === null) return []
  if (depth >= MAX_BODY_DEPTH) return null
  const found: string[] = []
  for (const member of Object.values(json)) {
    const inside = stringsOf(member, depth + 1)
    if (inside === null) return null
    found.push(...inside)
  }
  return found
}

/** @returns the sentence for the first fault of a template */
export function checkRequest(
  { method, path, query, body }: CustomRequest,
  names: ReadonlySet<string>,
): Result<null, string> {
  if (!path.startsWith('/') || path.startsWith('//')) return err('path must begin with one slash')
  const literal = path.replaceAll(PLACE, 'x')
  if (!LITERAL_PATH.test(literal) || DOTS.test(literal)) {
    return err('path holds characters or parts that no fixed path may hold')
  }
  if (method !== 'POST' && body !== null && body !== undefined) {
    return err('only a POST request has a body')
  }
  const strings = stringsOf(body ?? null)
  if (strings === null) return err('body is nested too deeply')
  const used = [path, ...Object.values(query), ...strings].flatMap(placesOf)
  const unknown = used.find((name) => !names.has(name))
  return unknown === undefined ? ok(null) : err(`there is no argument ${unknown}`)
}

const own = (args: JsonObject, name: string): unknown =>
  Object.hasOwn(args, name) ? args[name] : undefined

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

/** Null for what no part of a path can be: nothing, or what leads elsewhere. */
function pathOf(template: string, args: JsonObject): string | null {
  let isWhole = true
  const filled = template.replaceAll(PLACE, (_, name: string) => {
    const value = own(args, name)
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
    const text = textOf(value)
    if (!isPlain || text === '' || !text.isWellFormed()) isWhole = false
    return isWhole ? encodeURIComponent(text) : ''
  })
  return isWhole && !DOTS.test(filled) ? filled : null
}

function fillJson(template: unknown, args: JsonObject): unknown {
  if (typeof template === 'string') {
    const only = ONE_PLACE.exec(template)?.[1]
    // Alone it keeps its type; what is not given is left out.
    if (only !== undefined) return own(args, only)
    return template.replaceAll(PLACE, (_, name: string) => textOf(own(args, name)))
  }
  if (Array.isArray(template)) {
    return template.map((item) => fillJson(item, args)).filter((item) => item !== undefined)
  }
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(
    Object.entries(template).map(([name, member]) => [name, fillJson(member, args)]),
  )
}

export function fillRequest(
  origin: string,
  { method, path, query, body }: CustomRequest,
  args: JsonObject,
): Result<FilledRequest, string> {
  const filledPath = pathOf(path, args)
  if (filledPath === null) return err('an argument cannot stand in the path of the request')
  const url = URL.parse(`${origin}${filledPath}`)
  // What the parser reads otherwise than it was written is not sent.
  if (url === null || url.origin !== origin || url.pathname !== filledPath) {
    return err('the arguments make no request of this tool')
  }
  for (const [name, template] of Object.entries(query)) {
    const only = ONE_PLACE.exec(template)?.[1]
    if (only !== undefined && own(args, only) === undefined) continue
    const value = template.replaceAll(PLACE, (_, place: string) => textOf(own(args, place)))
    url.searchParams.append(name, value.toWellFormed())
  }
  if (url.href.length > MAX_URL_CHARS) return err('the arguments are too long for an address')
  const sent =
    method === 'POST' && body !== null && body !== undefined ? fillJson(body, args) : null
  return ok({ method, url: url.href, body: sent === null ? null : JSON.stringify(sent ?? null) })
}
