/**
 * From what somebody sent to a document that may be stored: its shape is bounded before anything
 * walks it, then the schema judges. The refusals are sentences that name the setting.
 */
import type { z } from 'zod'
import { err, ok, type Result } from '../result.ts'
import {
  type TenantConfig,
  type TenantConfigDocument,
  tenantConfigSchema,
} from './tenant-config.ts'

/** No setting lies deeper; a document of thousands of levels is an attack on whoever walks it. */
const MAX_DEPTH = 12
/** Isolates hold the documents of many tenants. */
export const MAX_DOCUMENT_CHARS = 200_000
/** Parsers keep this member and writers lose it: what was judged would not be what is stored. */
const LOST_NAME = '__proto__'

/** @returns what is wrong with the shape, as a sentence; null when anybody may walk it */
export function faultOfShape(value: unknown): string | null {
  const fault = faultOfNesting(value, 0)
  if (fault !== null) return fault
  return (JSON.stringify(value)?.length ?? 0) > MAX_DOCUMENT_CHARS
    ? `the configuration is longer than ${MAX_DOCUMENT_CHARS} characters`
    : null
}

function faultOfNesting(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (depth > MAX_DEPTH) return `the configuration is nested deeper than ${MAX_DEPTH} levels`
  for (const [name, member] of Object.entries(value)) {
    if (name === LOST_NAME) return `${name} is not a setting`
    const fault = faultOfNesting(member, depth + 1)
    if (fault !== null) return fault
  }
  return null
}

export interface ParsedDocument {
  /** Only what was set. */
  readonly document: TenantConfigDocument
  /** With the defaults filled in. */
  readonly config: TenantConfig
}

export function parseDocument(value: unknown): Result<ParsedDocument, string> {
  const fault = faultOfShape(value)
  if (fault !== null) return err(fault)
  const parsed = tenantConfigSchema.safeParse(value)
  return parsed.success
    ? ok({ document: value as TenantConfigDocument, config: parsed.data })
    : err(describeFault(parsed.error))
}

/** A name that nobody may set says more than a value that does not fit. */
function describeFault({ issues }: z.ZodError): string {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (issue === undefined) return 'the configuration is not valid'
  if (issue.code === 'unrecognized_keys') return issue.message
  return `${issue.path.map(String).join('.').slice(0, 200)}: ${issue.message}`
}
