/** Which settings differ between two documents, for people: masked, one line a setting. */
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { masked } from './mask.ts'

export interface SettingChange {
  /** `tools.by_owner["anna@acme.example"].deny`; names that hold dots are quoted. */
  readonly path: string
  /** Absent where there is no such setting on that side. */
  readonly before?: unknown
  readonly after?: unknown
}

const PLAIN_NAME = /^[\w-]+$/

const join = (path: string, name: string): string => {
  if (!PLAIN_NAME.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** In the order of the new document, what went last. A section that says nothing is no setting. */
export function changedSettings(before: JsonObject, after: JsonObject): readonly SettingChange[] {
  const changes: SettingChange[] = []

  const compare = (path: string, name: string, old: unknown, fresh: unknown): void => {
    if (isJsonObject(old) || isJsonObject(fresh)) {
      const names = new Set([
        ...Object.keys(isJsonObject(fresh) ? fresh : {}),
        ...Object.keys(isJsonObject(old) ? old : {}),
      ])
      for (const member of names) {
        compare(join(path, member), member, memberOf(old, member), memberOf(fresh, member))
      }
      return
    }
    // Compared as stored, shown masked: a secret that was replaced is a change as well.
    if (JSON.stringify(old) === JSON.stringify(fresh)) return
    changes.push({
      path,
      ...(old === undefined ? {} : { before: masked(old, name) }),
      ...(fresh === undefined ? {} : { after: masked(fresh, name) }),
    })
  }

  compare('', '', before, after)
  return changes
}
