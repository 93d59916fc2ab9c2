/** Edits of single settings laid over the configuration in force, and the merge patch they come to. */
import { isJsonObject, isSameJson, type JsonObject } from '../../client/json.ts'
import type { Path } from './schema-fields.ts'

export interface ConfigEdit {
  readonly path: Path
  /** Undefined: taken back, so that the default holds. */
  readonly value: unknown
}
/** By the text of the path. */
export type ConfigEdits = Readonly<Record<string, ConfigEdit>>

/** What edits were begun on: another hash means that somebody else was faster. */
export interface Base {
  readonly config: JsonObject
  readonly hash: string
}

/** Of the raw editor: what it began as, and what it is. */
export interface RawDraft {
  readonly base: string
  readonly hash: string
  readonly text: string
}

export const pathText = (path: Path): string => path.join('.')

export const valueAt = (tree: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (node, name) => (isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined),
    tree,
  )

export const withEdit = (edits: ConfigEdits, edit: ConfigEdit): ConfigEdits => ({
  ...edits,
  [pathText(edit.path)]: edit,
})

/** Those that say something else than what is in force. */
export const changedEdits = (config: JsonObject, edits: ConfigEdits): readonly ConfigEdit[] =>
  Object.values(edits).filter(({ path, value }) => !isSameJson(valueAt(config, path), value))

/** A merge patch keeps the members that it does not name: those that are gone have to be named. */
function merging(before: unknown, after: unknown): unknown {
  if (!isJsonObject(before) || !isJsonObject(after)) return after
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
  const kept = Object.entries(after).filter(([name, value]) => !isSameJson(before[name], value))
  return Object.fromEntries([
    ...kept.map(([name, value]) => [name, merging(before[name], value)] as const),
    ...gone.map((name) => [name, null] as const),
  ])
}

function placed(tree: JsonObject, [name = '', ...rest]: Path, value: unknown): JsonObject {
  const inner = tree[name]
  return {
    ...tree,
    [name]: rest.length === 0 ? value : placed(isJsonObject(inner) ? inner : {}, rest, value),
  }
}

/** RFC 7396; empty when nothing differs. */
export const patchOf = (config: JsonObject, edits: ConfigEdits): JsonObject =>
  changedEdits(config, edits).reduce<JsonObject>((patch, { path, value }) => {
    const sent = value === undefined ? null : merging(valueAt(config, path), value)
    return placed(patch, path, sent)
  }, {})

/** The document without what is as an empty one would have it: what is left was said by somebody. */
export function withoutDefaults(config: JsonObject, defaults: JsonObject): JsonObject {
  const said = Object.entries(config).flatMap(([name, value]) => {
    const fallback = defaults[name]
    if (isSameJson(value, fallback)) return []
    if (!isJsonObject(value) || !isJsonObject(fallback)) return [[name, value] as const]
    return [[name, withoutDefaults(value, fallback)] as const]
  })
  return Object.fromEntries(said)
}
