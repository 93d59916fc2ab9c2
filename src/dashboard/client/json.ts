/** JSON values of which nothing is known: looked at with care, and compared by what they say. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without members where it is none. */
export const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

/** Empty where it is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, inOrder(value[name])]),
  )
}

/** In whichever order their members stand. */
export const isSameJson = (a: unknown, b: unknown): boolean =>
  JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b))
