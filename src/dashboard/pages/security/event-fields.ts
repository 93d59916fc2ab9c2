/** Security events and records as the gateway hands them out: open objects, read with care. */
import { isJsonObject, type JsonObject } from '../../client/json.ts'

export type Open = JsonObject

export const textOf = (row: Open, name: string): string => {
  const value = row[name]
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
}

const EVENT_FRAME = ['id', 'name', 'severity', 'created_at', 'tenantId']
/** Shown in columns of their own or too long for a line. */
const EVENT_COLUMNS = [...EVENT_FRAME, 'userId', 'agentKey', 'sessionKey', 'runId']

const entries = (row: Open, except: readonly string[]): readonly (readonly [string, string])[] =>
  Object.keys(row)
    .filter((name) => !except.includes(name))
    .map((name) => [name, textOf(row, name)] as const)

const line = (facts: readonly (readonly [string, string])[]): string =>
  facts.map(([name, value]) => `${name}=${value}`).join(' ')

export const eventLine = (row: Open): string => line(entries(row, EVENT_COLUMNS))
export const eventFacts = (row: Open) => entries(row, EVENT_FRAME)

export const actorOf = (record: Open): string => {
  const actor = record['actor']
  return isJsonObject(actor) ? textOf(actor, 'userId') : ''
}

export const recordLine = (record: Open): string => {
  const fields = record['fields']
  return isJsonObject(fields) ? line(entries(fields, [])) : ''
}
