/**
 * Runs a shell command in the sandbox. The command is judged before, by parsing; where it runs and
 * what it may reach there is the next layer's business. Without a sandbox there is no shell.
 */
import { z } from 'zod'
import { SANDBOX_CEILINGS } from '../../domain/config/sandbox-policy.ts'
import type { SandboxExecResult, SandboxFailure } from '../../domain/ports/sandbox.ts'
import { err, ok } from '../../domain/result.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import { planCommand } from '../credentialed/plan.ts'
import { credentialOf, startCredentialed } from '../credentialed/start.ts'
import { checkWorkspaceDirectory } from '../path.ts'
import { describePathRefusal } from '../refusal.ts'
import { isReadOnlyCommand } from '../shell/allowlist.ts'
import { judgeCommand, MAX_COMMAND_CHARS } from '../shell/judge.ts'
import { standingMatchOf } from '../standing.ts'
import { defineTool } from '../tool.ts'
import { fromFiles } from './from-files.ts'
import { withReplacedMemory } from './replaced-memory.ts'
import { failed } from './workspace-failure.ts'

export const execTool = defineTool({
  name: 'exec',
  description:
    'Runs a bash command in the sandbox, in the workspace folder, and answers its output and exit code. There is no network and no privilege; files outside the workspace do not last.',
  schema: z.strictObject({
    command: z
      .string()
      .min(1)
      .max(MAX_COMMAND_CHARS, `is longer than ${MAX_COMMAND_CHARS} characters; use a script file`)
      .describe('The bash command'),
    cwd: z.string().max(4_096).default('').describe('Folder relative to the workspace'),
    timeout_seconds: z
      .int()
      .min(1)
      .max(SANDBOX_CEILINGS.timeoutSeconds)
      .optional()
      .describe('Stop the command after this time'),
  }),
  group: 'runtime',
  isReadOnly: false,
  isParallelSafe: false,
  // The runner knows the call's id: a repeated call reattaches, it never runs twice.
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  guard: (args, { shell, credentialed }) => {
    const cwd = checkWorkspaceDirectory(args.cwd)
    if (!cwd.ok) return err({ kind: 'path_denied', why: cwd.error })
    const judgement = judgeCommand(args.command, {
      denyGroups: shell.denyGroups,
      ...(shell.allowedCommands === null ? {} : { allowedCommands: shell.allowedCommands }),
    })
    if (judgement.decision === 'deny') {
      const { groups, reason, isUnlisted } = judgement
      return err(
        isUnlisted ? { kind: 'command_not_listed' } : { kind: 'command_denied', groups, reason },
      )
    }
    const planned = planCommand(args.command, judgement.commands, credentialed)
    if (!planned.ok) return planned
    const plan = planned.value
    return ok({
      // What somebody else's system is told by a credential is never mere reading.
      isReadOnly: plan === null && isReadOnlyCommand(judgement),
      cwd: cwd.value,
      commands: judgement.commands,
      // One that was given for the program alone must not be taken for the credential.
      standing: plan === null ? standingMatchOf(args.command, judgement, cwd.value) : null,
      ...(plan === null ? {} : { credential: credentialOf(plan) }),
    })
  },
  run: async (args, context) => {
    if (context.sandbox === null) return failed('sandbox unavailable: no command can be run now.')
    const cwd = checkWorkspaceDirectory(args.cwd)
    if (!cwd.ok) return failed(describePathRefusal(cwd.error))
    const started = await startCredentialed(args.command, context)
    if (!started.ok) return failed(started.error)
    const credentialed = started.value
    const timeout = shorterOf(args.timeout_seconds, credentialed?.timeoutSeconds)
    // What came over a network was not written here, wherever it stands now.
    const isFromOutside = credentialed !== null && credentialed.exec.hosts.length > 0
    const result = await context.sandbox.exec(
      {
        execId: context.callId,
        isResumed: context.isResumed,
        command: args.command,
        cwd: cwd.value,
        ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
        ...(credentialed === null ? {} : { credentialed: credentialed.exec }),
        hasSeenUntrusted: context.hasSeenUntrusted || isFromOutside,
      },
      {
        signal: context.signal,
        onSlow: (reason) => context.onActivity('tool_slow', { reason }),
      },
    )
    if (result.ok) {
      const { sawUntrusted, replaced } = result.value
      const shown = outcomeOf(credentialed === null ? result.value : withoutHalfWord(result.value))
      const outcome = isFromOutside
        ? { ...shown, untrusted: { kind: 'web' } as const }
        : fromFiles(shown, sawUntrusted)
      return withReplacedMemory(outcome, replaced, context)
    }
    const { error } = result
    const isUntrusted = error.kind === 'workspace_rejected' && (error.sawUntrusted || isFromOutside)
    return fromFiles(failed(describeSandboxFailure(error, context.isResumed)), isUntrusted)
  },
})

const shorterOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)

/** No credential is longer. */
const MAX_HALF_WORD_CHARS = 16_384

/** A word that the limit cut may be most of the credential, and that no scrubber knows. */
export function withoutHalfWord(result: SandboxExecResult): SandboxExecResult {
  if (!result.isTruncated) return result
  const whole = (text: string): string => {
    let end = text.length
    const least = end - MAX_HALF_WORD_CHARS
    while (end > 0 && end > least && !/\s/.test(text[end - 1] ?? '')) end -= 1
    return text.slice(0, end)
  }
  return { ...result, stdout: whole(result.stdout), stderr: whole(result.stderr) }
}

function outcomeOf(result: SandboxExecResult): ToolOutcome {
  const parts: string[] = []
  if (result.stdout !== '') parts.push(withoutFinalNewline(result.stdout))
  if (result.stderr !== '') parts.push(`[stderr]\n${withoutFinalNewline(result.stderr)}`)
  if (result.isTruncated) parts.push('[output cut: it was larger than the limit]')
  if (result.isTimedOut) {
    parts.push(`[timed out and stopped after ${Math.round(result.durationMs / 1_000)} s]`)
  }
  if (result.isOutOfMemory) parts.push('[out of memory: the sandbox stopped the command]')
  for (const path of result.conflicts) {
    parts.push(`[a file changed on both sides; the other version is kept as ${path}]`)
  }
  parts.push(
    result.exitCode === null
      ? `[ended by signal ${result.signal ?? 'unknown'}]`
      : `[exit code ${result.exitCode}]`,
  )
  return {
    content: parts.join('\n'),
    isError: result.exitCode !== 0 || result.isTimedOut || result.isOutOfMemory,
  }
}

/**
 * @param isResumed a run that was taken up again may have kept the changes just before it was cut off.
 */
function describeSandboxFailure(failure: SandboxFailure, isResumed: boolean): string {
  const reason = asSentence(failure.message)
  const kept = isResumed ? '' : ' None of its changes to the workspace were kept.'
  switch (failure.kind) {
    case 'unavailable':
      return `sandbox unavailable: ${reason}`
    case 'capacity':
      return `sandbox busy: ${reason} Try again in ${Math.ceil(failure.retryAfterMs / 1_000)} s.`
    case 'refused':
      return `The sandbox refused the command: ${reason}`
    case 'cancelled':
      return `The command was cancelled.${kept}`
    case 'outcome_unknown':
      return `The command had started, and how it ended is unknown: ${reason}${kept} Look at what it was to do before you repeat it.`
    case 'workspace_rejected':
      return `The command ran, but its changes to the workspace were not kept: ${reason}`
  }
}

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const withoutFinalNewline = (text: string): string =>
  text.endsWith('\n') ? text.slice(0, -1) : text
