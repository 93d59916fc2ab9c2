/**
 * Asks a provider which models it has: the cheapest question that a key opens. It says in our own words
 * why there is no answer; a vendor's may name keys and addresses, and are not repeated.
 */
import { z } from 'zod'
import type { ProviderRecord } from '../domain/agent-record.ts'
import type { Fetch } from '../domain/model.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ANTHROPIC_ADDRESS, ANTHROPIC_VERSION } from './anthropic.ts'
import { baseUrl, type VendorAddress } from './base-url.ts'
import { describeStatus, failureFromError } from './failure.ts'
import { GOOGLE_ADDRESS } from './google.ts'
import { knownModels } from './models.ts'
import { OPENAI_ADDRESS } from './openai.ts'

const MAX_MODELS = 1_000
const PAGE = 1_000
/** Printable and without blanks, as a name is written into settings. */
const MODEL_NAME = /^[\u0021-\u007e]{1,200}$/

interface Lister {
  readonly address: VendorAddress
  readonly needsKey: boolean
  readonly query: string
  headers(apiKey: string): Readonly<Record<string, string>>
}

const bearer = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` })

const LISTERS: Readonly<Record<Exclude<ProviderRecord['type'], 'demo'>, Lister>> = {
  openai: { address: OPENAI_ADDRESS, needsKey: true, query: '', headers: bearer },
  openai_compat: {
    address: { url: null, path: '' },
    needsKey: false,
    query: '',
    headers: bearer,
  },
  anthropic: {
    address: ANTHROPIC_ADDRESS,
    needsKey: true,
    query: `?limit=${PAGE}`,
    headers: (apiKey) => ({ 'x-api-key': apiKey, 'anthropic-version': ANTHROPIC_VERSION }),
  },
  google: {
    address: GOOGLE_ADDRESS,
    needsKey: true,
    query: `?pageSize=${PAGE}`,
    headers: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  },
}

/**
 * OpenAI and Anthropic answer `data`, Google `models` with a folder before each name. What each element
 * is, is looked at by hand: zod makes an issue of every bad one, a kilobyte for each `0` of a stranger's.
 */
const listSchema = z.object({
  data: z.array(z.unknown()).optional(),
  models: z.array(z.unknown()).optional(),
})

const GARBAGE = 'the provider answered something that is no list of models'

export interface ListModelsOptions {
  readonly record: ProviderRecord
  /** In plain text, opened for this question; null when the row holds none. */
  readonly apiKey: string | null
  /** The guarded one, which bounds time and bytes. */
  readonly fetch: Fetch
  readonly now: () => number
}

/** The error is a sentence, without key and address. */
export async function listModels(
  options: ListModelsOptions,
): Promise<Result<readonly string[], string>> {
  const { record, apiKey, fetch, now } = options
  if (record.type === 'demo') return ok(knownModels('demo'))
  const { address, needsKey, query, headers } = LISTERS[record.type]
  const url = baseUrl(record, address)
  if (!url.ok) return err(url.error.message)
  const hasKey = apiKey !== null && apiKey !== ''
  if (needsKey && !hasKey) return err(`provider ${record.name} needs an API key`)
  try {
    const response = await fetch(`${url.value}/models${query}`, {
      headers: { accept: 'application/json', ...(hasKey ? headers(apiKey) : {}) },
    })
    if (!response.ok) {
      await response.body?.cancel()
      return err(describeStatus(response.status))
    }
    const list = listSchema.safeParse(parseJson(await response.text()))
    const names = list.success ? namesOf(list.data) : null
    return names === null ? err(GARBAGE) : ok(names)
  } catch (error) {
    return err(failureFromError(error, false, { apiKey, now }).message)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function namesOf({ data, models }: z.infer<typeof listSchema>): readonly string[] | null {
  const field = data === undefined ? 'name' : 'id'
  const listed = (data ?? models)?.slice(0, MAX_MODELS).map((each) => textOf(each, field))
  // One that is no model makes the whole no list of models.
  if (listed === undefined || listed.includes(null)) return null
  const names = listed.filter((name) => name !== null)
  const own = field === 'id' ? names : names.map((name) => name.replace(/^models\//, ''))
  return [...new Set(own)].filter((name) => MODEL_NAME.test(name))
}

function textOf(value: unknown, field: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const text: unknown = Reflect.get(value, field)
  return typeof text === 'string' ? text : null
}
