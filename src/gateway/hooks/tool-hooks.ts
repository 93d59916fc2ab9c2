/**
 * The hooks around a tool call that every gate has let through: asked before it runs and told what it
 * came to. They change neither arguments nor rights. Without a hook for the agent nothing is done.
 */
import type { KeyedCall } from '../../agent/ports.ts'
import type { Services } from '../../api/context.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { RunResult } from '../../domain/run-event.ts'
import { hooksOf, type RunHook, type RunHookEvent } from '../../domain/run-hook.ts'
import { lineageOf } from '../../domain/run-origin.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import type { ProvenancePort } from '../../domain/untrusted.ts'
import type { SecretDictionary } from '../../output/secret-dictionary.ts'
import type { CallLive } from '../call-live.ts'
import type { Report } from '../emit.ts'
import type { RunRelease } from '../release.ts'
import type { TurnRequest } from '../turn-request.ts'
import { askHooks, type Blocked, type Verdict } from './chain.ts'
import { markedHookText } from './hook-text.ts'

/** Of a result, as a hook is told it. */
const MAX_TOLD_CHARS = 256 * 1024

/** What a run remembers of its hooks over a crash: a call that was let through is not asked again. */
export interface HookMarks {
  wasAllowed(key: string): boolean
  allowed(key: string): void
}

export interface RunHookParts {
  readonly request: Pick<
    TurnRequest,
    'principal' | 'sessionKey' | 'runId' | 'origin' | 'settings' | 'workspaceUser'
  >
  readonly services: Services
  readonly live: () => CallLive
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
  readonly provenance: ProvenancePort
  readonly marks: HookMarks
}

export interface HookedOutcome {
  readonly outcome: ToolOutcome
  /** What the hooks said besides; goes behind the result once that is presented. */
  readonly contexts: readonly string[]
}

export interface RunHooks {
  around(
    keyed: KeyedCall,
    options: { readonly isResumed: boolean; readonly signal: AbortSignal },
    work: () => Promise<ToolOutcome>,
  ): Promise<HookedOutcome>
  /** The result with what was said, each between markers of its own. */
  withContexts(outcome: ToolOutcome, contexts: readonly string[]): ToolOutcome
  /** Tells what the run came to; nobody waits for it. */
  ended(result: RunResult): void
}

const NOTHING_SAID: Verdict = { blocked: null, contexts: [] }

export function createRunHooks(parts: RunHookParts): RunHooks {
  const { request, services, release, marks } = parts
  const lineage = lineageOf(request.origin).map(({ agentKey }) => agentKey)

  const hooksFor = (event: RunHookEvent): readonly RunHook[] => {
    const { snapshot, agent } = parts.live()
    return hooksOf(snapshot.runHooks, event, [agent.key, ...lineage])
  }

  const ask = async (
    event: RunHookEvent,
    key: string,
    data: () => Readonly<Record<string, unknown>>,
    signal: AbortSignal | null,
  ): Promise<Verdict> => {
    const hooks = hooksFor(event)
    if (hooks.length === 0) return NOTHING_SAID
    const { snapshot, agent } = parts.live()
    const about = {
      tenant_id: snapshot.tenantId,
      agent: agent.key,
      session: request.sessionKey.text,
      run_id: request.runId,
      user_id: request.workspaceUser,
    }
    return askHooks(
      hooks,
      { event, key: `${request.runId}/${key}`, data: { ...about, ...data() } },
      {
        snapshot,
        services,
        signal,
        dictionary: parts.dictionary,
        report: parts.report,
        settings: request.settings,
        tenantId: snapshot.tenantId,
      },
    )
  }

  const marked = (text: string): string => {
    parts.provenance.sawUntrusted()
    const { config } = parts.live().snapshot
    return markedHookText(text, { config, release, report: parts.report })
  }

  const refused = (what: string, { hook, reason, isFailure }: Blocked): ToolOutcome => {
    const why = isFailure ? 'could not be asked, and blocks until it can' : 'refused it'
    const content = `${what}: the hook ${hook} ${why}.`
    return { content: reason === '' ? content : `${content}\n${marked(reason)}`, isError: true }
  }

  const toolOf = ({ call, callKey }: KeyedCall) => ({
    tool: call.name,
    call_id: callKey,
    arguments: release.value(call.arguments),
  })

  const before = async (
    keyed: KeyedCall,
    isResumed: boolean,
    signal: AbortSignal,
  ): Promise<Result<readonly string[], ToolOutcome>> => {
    if (isResumed && marks.wasAllowed(keyed.callKey)) return ok([])
    const asked = hooksFor('pre_tool_use').length > 0
    const verdict = await ask('pre_tool_use', keyed.callKey, () => toolOf(keyed), signal)
    if (verdict.blocked !== null) return err(refused('The call was not made', verdict.blocked))
    // What it said would be lost: then it is asked again, under the same id.
    if (asked && verdict.contexts.length === 0) marks.allowed(keyed.callKey)
    return ok(verdict.contexts)
  }

  const after = async (
    keyed: KeyedCall,
    outcome: ToolOutcome,
    signal: AbortSignal,
  ): Promise<HookedOutcome> => {
    const told = () => {
      const result = release.text(outcome.content)
      return {
        ...toolOf(keyed),
        result: result.slice(0, MAX_TOLD_CHARS),
        is_cut: result.length > MAX_TOLD_CHARS,
        is_error: outcome.isError,
      }
    }
    const { blocked, contexts } = await ask('post_tool_use', keyed.callKey, told, signal)
    if (blocked === null) return { outcome, contexts }
    return { outcome: refused('The call was made, and its result is withheld', blocked), contexts }
  }

  return {
    around: async (keyed, { isResumed, signal }, work) => {
      const admitted = await before(keyed, isResumed, signal)
      if (!admitted.ok) return { outcome: admitted.error, contexts: [] }
      const done = await after(keyed, await work(), signal)
      return { ...done, contexts: [...admitted.value, ...done.contexts] }
    },
    withContexts: (outcome, contexts) => ({
      ...outcome,
      content: [outcome.content, ...contexts.map(marked)].join('\n\n'),
    }),
    ended: (result) => {
      const data = () => ({
        outcome: result.kind,
        ...(result.kind === 'completed' ? { content: release.text(result.content) } : {}),
        ...(result.kind === 'failed' ? { code: result.code } : {}),
      })
      if (hooksFor('stop').length === 0) return
      services.inBackground(ask('stop', 'stop', data, null))
    },
  }
}
