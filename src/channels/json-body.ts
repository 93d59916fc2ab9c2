/** A body that claims to be JSON, read once. Whether it means anything is the schema's matter. */
import { type Bytes, parseUtf8 } from '../crypto/encoding.ts'

/** Undefined for what is no JSON in UTF-8. */
export function parseJsonBody(body: Bytes): unknown {
  const text = parseUtf8(body)
  return text === null ? undefined : parseJsonText(text)
}

export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
