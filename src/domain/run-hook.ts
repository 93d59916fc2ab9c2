/**
 * Run hooks of a tenant as its snapshot carries them: whom to ask at which point of a run, and what a
 * silence means there. A hook narrows: it says no, or says something; it never gives a right.
 */
import { z } from 'zod'

export const RUN_HOOK_EVENTS = [
  'session_start',
  'user_prompt_submit',
  'pre_tool_use',
  'post_tool_use',
  'stop',
] as const
export type RunHookEvent = (typeof RUN_HOOK_EVENTS)[number]

/** `default`: closed ahead of a message and of a tool call, open elsewhere. */
export const HOOK_FAILURE_MODES = ['default', 'closed', 'open'] as const

const CLOSED_BY_DEFAULT: ReadonlySet<RunHookEvent> = new Set(['user_prompt_submit', 'pre_tool_use'])

export const HOOK_NAME = /^[a-z0-9]{1,32}(?:[_-][a-z0-9]{1,32}){0,8}$/

export const runHookSchema = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  /** Signs what is sent; sealed, and gone with the URL's origin. A hook without one is not called. */
  sealedSecret: z.string().nullable(),
  events: z.array(z.enum(RUN_HOOK_EVENTS)).readonly(),
  /** Keys of agents whose runs it hears of; `*` is all of them. */
  agents: z.array(z.string()).readonly(),
  failure: z.enum(HOOK_FAILURE_MODES),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
  /** Rises with every change of the row. */
  revision: z.number(),
})
export type RunHook = Readonly<z.infer<typeof runHookSchema>>

export const failsClosed = ({ failure }: Pick<RunHook, 'failure'>, event: RunHookEvent): boolean =>
  failure === 'default' ? CLOSED_BY_DEFAULT.has(event) : failure === 'closed'

/**
 * In the order of names. `agentKeys` are the run's own agent and all that it acts for: what is asked of
 * one of them is asked of whoever it sends.
 */
export const hooksOf = (
  hooks: readonly RunHook[],
  event: RunHookEvent,
  agentKeys: readonly string[],
): readonly RunHook[] =>
  hooks.filter(
    ({ enabled, events, agents }) =>
      enabled &&
      events.includes(event) &&
      (agents.includes('*') || agentKeys.some((key) => agents.includes(key))),
  )
