/** What is kept of how runs went, and who is told of it. */
import { z } from 'zod'
import { settingsObject } from './settings-object.ts'

export const tracesConfigSchema = settingsObject({
  sample_ratio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of runs whose trace is kept, 0 to 1; 0: none is.'),
  retention_days: z.number().int().min(1).max(90).default(7).describe('Days that traces are kept.'),
  propagate_to_models: z
    .boolean()
    .default(false)
    .describe('Whether model vendors are sent the `traceparent` of a call.'),
})
