/** What each hook of an instance is for: whom it speaks to, in which conversation, and what it says. */
import { z } from 'zod'

/** One part of a path: never `/`, never hidden. */
export const HOOK_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Also what a caller may choose: no `:` leads out of the channel's own keys. */
const SESSION = /^[a-z0-9][a-z0-9._-]{0,99}$/

/** Members and indices of a JSON body, joined by dots. */
const BODY_PATH = /^[\w-]{1,64}(?:\.[\w-]{1,64}){0,9}$/

const MAX_HOOKS = 50
const MAX_MESSAGE_CHARS = 4_000

export const hookSchema = z
  .strictObject({
    /** Absent: the agent of the instance. */
    agent: z.string().min(1).max(64).optional(),
    /** What the agent is told to do; the hook's owner speaks here, and no caller. */
    message: z.string().min(1).max(MAX_MESSAGE_CHARS).optional(),
    /** Which part of a JSON body the agent is shown. Absent: all of it. */
    body_path: z.string().regex(BODY_PATH, 'names joined by dots').optional(),
    /** Absent: the hook's name. */
    session_key: z.string().regex(SESSION).optional(),
    /** The body's own `session_key` is heard, if it begins as `session_prefix` says. */
    allow_session_key: z.boolean().default(false),
    session_prefix: z.string().regex(SESSION).optional(),
    /** Where answers go. Absent: nowhere; they stand in the conversation. */
    callback_url: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .optional(),
  })
  .refine((hook) => !hook.allow_session_key || hook.session_prefix !== undefined, {
    path: ['session_prefix'],
    message: 'whoever may choose a conversation chooses among those of a prefix',
  })
export type Hook = Readonly<z.infer<typeof hookSchema>>

export const hooksSchema = z
  .record(z.string().regex(HOOK_NAME), hookSchema)
  .refine((hooks) => Object.keys(hooks).length <= MAX_HOOKS, `at most ${MAX_HOOKS} hooks`)
export type Hooks = Readonly<z.infer<typeof hooksSchema>>

/** Null for a name that nobody gave a hook: nothing is looked up on the object's prototype. */
export const hookNamed = (hooks: Hooks, name: string): Hook | null =>
  HOOK_NAME.test(name) && Object.hasOwn(hooks, name) ? (hooks[name] ?? null) : null

export const isSessionChoice = (key: string, { session_prefix: prefix }: Hook): boolean =>
  prefix !== undefined && SESSION.test(key) && key.startsWith(prefix)
