/**
 * Hands a task to a sub-agent, and reaches those that are at work. What a child may do is its run's to
 * judge; text that a reader is to digest is read here, through the same tools and under the same policy
 * as if the agent had read it itself.
 */
import { z } from 'zod'
import type { ChildView, SpawnRequest, SubAgentPort } from '../../domain/ports/sub-agents.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { SUB_AGENT_PRESETS } from '../../domain/run-origin.ts'
import { CHILD_MODES } from '../../domain/sub-agent.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import { defineTool, type ToolContext } from '../tool.ts'
import { failed, succeeded } from './workspace-failure.ts'

const MAX_TASK_CHARS = 20_000
const MAX_WAIT_SECONDS = 600

const schema = z.strictObject({
  action: z.enum(['run', 'list', 'steer', 'cancel']).default('run'),
  task: z
    .string()
    .trim()
    .min(1)
    .max(MAX_TASK_CHARS)
    .optional()
    .describe('run: what it shall do, with all that it needs to know'),
  agent: z.string().max(100).optional().describe('run: key of the agent; absent: one like you'),
  label: z.string().max(100).optional().describe('run: a short name for the task'),
  mode: z
    .enum(CHILD_MODES)
    .default('sync')
    .describe('run: wait for its answer, or go on and be told when it has ended'),
  wait_seconds: z.int().min(1).max(MAX_WAIT_SECONDS).default(300).describe('run: how long to wait'),
  preset: z
    .enum(SUB_AGENT_PRESETS)
    .optional()
    .describe('run: `reader` has no tools and digests text from outside'),
  url: z.string().max(4_096).optional().describe('reader: a page that it shall read'),
  path: z.string().max(1_024).optional().describe('reader: a file that it shall read'),
  id: z.string().max(100).optional().describe('steer, cancel: which one'),
  message: z
    .string()
    .trim()
    .min(1)
    .max(MAX_TASK_CHARS)
    .optional()
    .describe('steer: what to tell it'),
})
type Arguments = z.output<typeof schema>

export const spawnTool = defineTool({
  name: 'spawn',
  description:
    'Hands a task to a sub-agent and answers what it found. It can do no more than you can, starts no others, and knows nothing but its task. Actions: run, list, steer, cancel.',
  schema,
  group: 'automation',
  isReadOnly: false,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  guard: ({ action }) =>
    ok({ isReadOnly: action === 'list', cwd: null, commands: null, standing: null }),
  run: async (args, context) => {
    const { subAgents } = context
    if (subAgents === null) return failed('Sub-agents are not available here.')
    switch (args.action) {
      case 'run':
        return run(args, subAgents, context)
      case 'list':
        return list(subAgents.list())
      case 'steer': {
        if (!args.id || !args.message) return failed('To steer, an id and a message are needed.')
        const told = await subAgents.steer(args.id, args.message)
        return told.ok ? succeeded(`${args.id} was told.`) : failed(told.error)
      }
      case 'cancel': {
        if (!args.id) return failed('To cancel, an id is needed.')
        const cancelled = await subAgents.cancel(args.id)
        return cancelled.ok ? present(cancelled.value) : failed(cancelled.error)
      }
    }
  },
})

async function run(
  args: Arguments,
  subAgents: SubAgentPort,
  context: ToolContext,
): Promise<ToolOutcome> {
  const { task } = args
  if (task === undefined) return failed('To run a sub-agent, a task is needed.')
  const isReader = args.preset === 'reader'
  if (!isReader && (args.url ?? args.path) !== undefined)
    return failed('Only a reader is handed a page or a file. Others read with their own tools.')
  const wanted = async (): Promise<Result<SpawnRequest, string>> => {
    const material = await materialOf(args, context)
    if (!material.ok) return material
    return ok({
      task,
      agent: args.agent ?? null,
      label: args.label ?? 'task',
      mode: args.mode,
      preset: args.preset ?? null,
      material: material.value,
      waitMs: args.wait_seconds * 1_000,
    })
  }
  const spawned = await subAgents.spawn(context.callId, wanted, context.signal)
  return spawned.ok ? present(spawned.value) : failed(spawned.error)
}

/** What a reader shall digest: read as the agent itself would have read it, or refused alike. */
async function materialOf(
  { url, path }: Arguments,
  context: ToolContext,
): Promise<Result<string | null, string>> {
  if (url !== undefined && path !== undefined)
    return err('A reader takes a page or a file, not both.')
  if (url !== undefined) return read('web_fetch', { url }, context)
  return path === undefined ? ok(null) : read('read_file', { path }, context)
}

async function read(
  tool: string,
  args: unknown,
  { callTool }: ToolContext,
): Promise<Result<string, string>> {
  const { content, isError } = await callTool(tool, args)
  return isError ? err(content) : ok(content)
}

const head = ({ id, label, agentKey, state }: ChildView): string =>
  `${id} (${label}, agent ${agentKey}): ${state}`

function present(child: ChildView): ToolOutcome {
  const { state, answer, hasSeenUntrusted } = child
  const content =
    answer === null
      ? `${head(child)}. You will be told when it has ended.`
      : `${head(child)}\n\n${answer}`
  const isError = state === 'failed'
  return answer !== null && hasSeenUntrusted
    ? { content, isError, untrusted: { kind: 'subagent' } }
    : { content, isError }
}

/** Without answers: those are told where they were waited for, and marked there. */
const list = (children: readonly ChildView[]): ToolOutcome =>
  succeeded(children.length === 0 ? 'There are no sub-agents.' : children.map(head).join('\n'))
