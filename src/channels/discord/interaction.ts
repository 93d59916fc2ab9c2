/** What Discord sends to an interactions endpoint, as far as it is read; and what it may be answered. */
import { z } from 'zod'
import type { PlatformAnswer } from '../platform.ts'

export const INTERACTION = { ping: 1, command: 2, component: 3, autocomplete: 4 } as const
/** CHAT_INPUT: typed behind a slash. Commands of context menus carry what others wrote. */
export const SLASH_COMMAND = 1

const snowflake = z.string().regex(/^\d{1,20}$/)

const userSchema = z.object({
  id: snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  discriminator: z.string().nullish(),
  bot: z.boolean().nullish(),
})

const attachmentSchema = z.object({
  url: z.string(),
  filename: z.string(),
  size: z.number().nullish(),
  content_type: z.string().nullish(),
})

interface Option {
  readonly name: string
  readonly value?: string | number | boolean | undefined
  readonly options?: readonly Option[] | undefined
}
const optionSchema: z.ZodType<Option> = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  get options() {
    return z.array(optionSchema).optional()
  },
})

export const interactionSchema = z.object({
  id: snowflake,
  application_id: snowflake,
  type: z.number(),
  token: z.string().regex(/^[\w=+-]{1,1024}$/),
  guild_id: snowflake.nullish(),
  channel_id: snowflake.nullish(),
  channel: z.object({ type: z.number().optional(), parent_id: snowflake.nullish() }).nullish(),
  /** 0 guild, 1 direct message with the app, 2 any other private channel. */
  context: z.number().nullish(),
  member: z.object({ user: userSchema }).nullish(),
  user: userSchema.nullish(),
  data: z
    .object({
      name: z.string().optional(),
      type: z.number().optional(),
      options: z.array(optionSchema).optional(),
      custom_id: z.string().optional(),
      resolved: z
        .object({ attachments: z.record(snowflake, attachmentSchema).nullish() })
        .nullish()
        .catch(null),
    })
    .nullish(),
})
export type Interaction = z.infer<typeof interactionSchema>
export type DiscordUser = z.infer<typeof userSchema>

const EPHEMERAL = 1 << 6
const answer = (value: unknown): PlatformAnswer => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(value),
})

export const PONG = answer({ type: 1 })
/** «… is thinking»: the first follow-up takes its place. */
export const DEFERRED = answer({ type: 5 })
/** A button was pressed, and the message stays as it is for now. */
export const DEFERRED_UPDATE = answer({ type: 6 })
export const NO_SUGGESTIONS = answer({ type: 8, data: { choices: [] } })
/** Without any answer the presser would read that the application failed. */
export const NOT_FOR_US = answer({
  type: 4,
  data: {
    content: 'Nothing is done with this.',
    flags: EPHEMERAL,
    allowed_mentions: { parse: [] },
  },
})

/** `/name`, then the values of its options in the order in which they came, sub-commands by name. */
export function commandText(name: string, options: readonly Option[] = []): string {
  const words = options.map((option) =>
    option.options === undefined
      ? String(option.value ?? option.name)
      : commandText(option.name, option.options).slice(1),
  )
  return [`/${name}`, ...words].join(' ')
}

export const optionOf = (options: readonly Option[] | undefined, name: string): string | null => {
  const value = options?.find((option) => option.name === name)?.value
  return typeof value === 'string' ? value : null
}
