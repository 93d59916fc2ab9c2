/**
 * The hooks ahead of a message, asked before anything of it is stored: one that is blocked was never
 * said. What they add goes behind the message, between markers.
 */
import type { Services } from '../../api/context.ts'
import { newId } from '../../crypto/random.ts'
import type { Principal } from '../../domain/principal.ts'
import { type Refusal, refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { hooksOf, type RunHook, type RunHookEvent } from '../../domain/run-hook.ts'
import { lineageOf, type RunOrigin } from '../../domain/run-origin.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { createSecretDictionary } from '../../output/secret-dictionary.ts'
import type { Report } from '../emit.ts'
import type { Settings } from '../env.ts'
import { createRunRelease } from '../release.ts'
import { askHooks, type Blocked } from './chain.ts'
import { markedHookText } from './hook-text.ts'

export interface PromptParts {
  readonly snapshot: TenantSnapshot
  readonly principal: Pick<Principal, 'tenantId' | 'userId'>
  readonly services: Services
  readonly settings: Settings | null
  readonly report: Report
}

export interface AskedPrompt {
  readonly agentKey: string
  /** Null for a completion that belongs to no conversation. */
  readonly session: string | null
  readonly origin: RunOrigin | null
  readonly message: string
  /** What the caller says that was said before, and how to answer: it reaches the model as well. */
  readonly history?: readonly string[]
  readonly instructions?: string
  /** The conversation begins with it. */
  readonly isNew: boolean
  /** Of a message that may be repeated: a repeat is the same question. */
  readonly idempotencyKey?: string | undefined
}

/** Behind the message, as the model is to read it; empty when no hook had anything to say. */
export type PromptContext = Result<string, Refusal>

const refused = ({ hook, reason, isFailure }: Blocked): Refusal =>
  isFailure
    ? {
        ...refusal(
          'UNAVAILABLE',
          `the message was not taken: the hook ${hook} could not be asked, and blocks until it can`,
        ),
        retryable: true,
      }
    : refusal(
        'FAILED_PRECONDITION',
        `the message was refused by the hook ${hook}${reason === '' ? '' : `: ${reason}`}`,
      )

/** Ahead of it all, since a hook that sees the last word alone lets pass what stands before it. */
const saidBy = ({ message, history = [], instructions = '' }: AskedPrompt) => ({
  message,
  ...(history.length === 0 ? {} : { history: [...history] }),
  ...(instructions === '' ? {} : { instructions }),
})

export async function askPromptHooks(
  prompt: AskedPrompt,
  parts: PromptParts,
): Promise<PromptContext> {
  const { snapshot, principal, services, settings, report } = parts
  const { agentKey, session, origin } = prompt
  const keys = [agentKey, ...lineageOf(origin).map((key) => key.agentKey)]
  const events: readonly RunHookEvent[] = prompt.isNew
    ? ['session_start', 'user_prompt_submit']
    : ['user_prompt_submit']
  const asked = events.flatMap((event): [RunHookEvent, readonly RunHook[]][] => {
    const hooks = hooksOf(snapshot.runHooks, event, keys)
    return hooks.length === 0 ? [] : [[event, hooks]]
  })
  if (asked.length === 0) return ok('')
  const { tenantId, userId } = principal
  const key = JSON.stringify(
    prompt.idempotencyKey === undefined
      ? [newId('prm')]
      : [session, userId, prompt.idempotencyKey, prompt.message],
  )
  const about = { tenant_id: tenantId, agent: agentKey, session, user_id: userId }
  const dictionary = createSecretDictionary()
  const release = createRunRelease(snapshot.config, dictionary, report)
  const said: string[] = []
  for (const [event, hooks] of asked) {
    const data = event === 'session_start' ? about : { ...about, ...saidBy(prompt) }
    const chain = { settings, tenantId, services, dictionary, snapshot, report, signal: null }
    const { blocked, contexts } = await askHooks(hooks, { event, key, data }, chain)
    if (blocked !== null) return err(refused({ ...blocked, reason: release.text(blocked.reason) }))
    said.push(...contexts)
  }
  const { config } = snapshot
  return ok(said.map((text) => markedHookText(text, { config, release, report })).join('\n\n'))
}
