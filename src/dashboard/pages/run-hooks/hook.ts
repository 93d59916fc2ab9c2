/** One run hook as admins see it, and what is sent of its form. */
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { isSameJson } from '../../client/json.ts'
import { CHOICES } from '../../client/operations/hooks.ts'
import { isOtherOrigin } from '../../ui/origin.ts'

export type Hook = ResultOf<'hooks.get'>
export type ListedHook = ResultOf<'hooks.list'>['hooks'][number]

export const EVENT_NAMES = CHOICES['hooks.test'].event
export type HookEvent = (typeof EVENT_NAMES)[number]

interface EventWords {
  readonly title: string
  readonly says: string
}

export const EVENTS: Readonly<Record<HookEvent, EventWords>> = {
  session_start: {
    title: 'A conversation begins',
    says: 'Before its first message is stored. A block refuses the message.',
  },
  user_prompt_submit: {
    title: 'A message comes',
    says: 'Before it is stored. A block refuses the message.',
  },
  pre_tool_use: {
    title: 'A tool is about to be called',
    says: 'After policy, budget and approval let it through. A block stops the call.',
  },
  post_tool_use: {
    title: 'A tool was called',
    says: 'A block withholds the result.',
  },
  stop: { title: 'A run has ended', says: 'Nobody waits for the answer.' },
}

export const FAILURES = [
  ['default', 'Blocks messages and calls, nothing else'],
  ['closed', 'Blocks always'],
  ['open', 'Lets pass always'],
] as const
export type Failure = (typeof FAILURES)[number][0]

export const failureWords = (failure: Failure): string =>
  FAILURES.find(([value]) => value === failure)?.[1] ?? failure

export interface HookFields {
  readonly url: string
  readonly events: readonly HookEvent[]
  readonly agents: readonly string[]
  readonly failure: Failure
  readonly allowsPrivateNetwork: boolean
}

export const blankHook: HookFields = {
  url: '',
  events: ['pre_tool_use'],
  agents: ['*'],
  failure: 'default',
  allowsPrivateNetwork: false,
}

export const fieldsOf = (hook: Hook): HookFields => ({
  url: hook.url,
  events: hook.events,
  agents: hook.agents,
  failure: hook.failure,
  allowsPrivateNetwork: hook.allow_private_network,
})

export const createParams = (name: string, fields: HookFields): ParamsOf<'hooks.create'> => ({
  name,
  url: fields.url,
  events: fields.events,
  agents: fields.agents,
  failure: fields.failure,
  ...(fields.allowsPrivateNetwork ? { allow_private_network: true } : {}),
})

/** Only what differs; null when nothing does. */
export function updateParams(hook: Hook, fields: HookFields): ParamsOf<'hooks.update'> | null {
  const isKept = fields.allowsPrivateNetwork === hook.allow_private_network
  const changes = {
    ...(fields.url === hook.url ? {} : { url: fields.url }),
    // The form has them in its own order; an agent that is gone may stay, and may not be given anew.
    ...(isSameJson(fields.events.toSorted(), hook.events.toSorted())
      ? {}
      : { events: fields.events }),
    ...(isSameJson(fields.agents.toSorted(), hook.agents.toSorted())
      ? {}
      : { agents: fields.agents }),
    ...(fields.failure === hook.failure ? {} : { failure: fields.failure }),
    ...(isKept ? {} : { allow_private_network: fields.allowsPrivateNetwork }),
    // Another origin erases the secret, and a hook without one is not called.
    ...(isOtherOrigin(hook.url, fields.url) ? { renew: true } : {}),
  }
  return Object.keys(changes).length === 0 ? null : { id: hook.id, ...changes }
}

/** As the gateway says it of what it made: the mask, and nothing, are none. */
export const shownSecret = ({ secret }: Pick<Hook, 'secret'>): string | null =>
  secret.startsWith('whsec_') ? secret : null
