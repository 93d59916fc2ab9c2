/** What a tenant, a person, an agent or a key may spend, and what the vendors' tokens cost. */
import { z } from 'zod'
import { settingsObject } from './settings-object.ts'
import { boundedRecord } from './tool-policy.ts'

/** US dollars per million tokens; dearer than any model is a slip of the decimal point. */
const price = () => z.number().min(0).max(100_000)

const modelPriceSchema = settingsObject({
  input: price().describe('US dollars per million tokens that are sent.'),
  output: price().describe('US dollars per million tokens that come back.'),
  cache_read: price()
    .optional()
    .describe('US dollars per million tokens read from the vendor’s cache; else as input.'),
  cache_write: price()
    .optional()
    .describe('US dollars per million tokens written to the vendor’s cache; else as input.'),
})

const count = () => z.number().int().min(0)

const budgetLimitSchema = settingsObject({
  requests_per_day: count().optional().describe('Runs and stateless completions in a day (UTC).'),
  requests_per_month: count()
    .optional()
    .describe('Runs and stateless completions in a calendar month (UTC).'),
  tokens_per_day: count().optional().describe('Tokens in and out in a day (UTC).'),
  tokens_per_month: count().optional().describe('Tokens in and out in a calendar month (UTC).'),
  usd_per_day: z.number().min(0).optional().describe('US dollars in a day (UTC), by `prices`.'),
  usd_per_month: z
    .number()
    .min(0)
    .optional()
    .describe('US dollars in a calendar month (UTC), by `prices`.'),
})

const PROVIDER_AND_MODEL = /^[^/]+\/.+$/

export const budgetsSchema = settingsObject({
  tenant: budgetLimitSchema.optional().describe('All that the tenant spends together.'),
  per_user: budgetLimitSchema.optional().describe('Each person, over all agents and keys.'),
  per_agent: budgetLimitSchema.optional().describe('Each agent, over all people.'),
  per_key: budgetLimitSchema.optional().describe('Each API key.'),
  warn_at: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.8)
    .describe('The part of a limit at which its admins are warned; the limit itself stops.'),
  prices: boundedRecord(modelPriceSchema)
    .refine(
      (prices) => Object.keys(prices).every((name) => PROVIDER_AND_MODEL.test(name)),
      'names each price as "provider/model"',
    )
    .default({})
    .describe('Prices by "provider/model" that stand in place of the built-in ones.'),
})
