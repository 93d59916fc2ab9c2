/** The body of a call, as the text that an agent is shown. It is a stranger's, whoever signed it. */
import { type Bytes, parseUtf8 } from '../../crypto/encoding.ts'
import { parseJsonText } from '../json-body.ts'

export const MAX_PAYLOAD_BYTES = 65_536

export interface Payload {
  readonly text: string
  /** Undefined for a body that is no JSON. */
  readonly json: unknown
}

/** Null for what is too long or no UTF-8. */
export function readPayload(body: Bytes): Payload | null {
  if (body.length > MAX_PAYLOAD_BYTES) return null
  const text = parseUtf8(body)
  return text === null ? null : { text, json: parseJsonText(text) }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

export const chosenSession = ({ json }: Payload): unknown => memberOf(json, 'session_key')

/** Null where the path leads nowhere in this body. */
export function shownPart({ text, json }: Payload, path: string | undefined): string | null {
  if (path === undefined) return text
  const part = path.split('.').reduce(memberOf, json)
  if (part === undefined) return null
  return typeof part === 'string' ? part : JSON.stringify(part, null, 2)
}
