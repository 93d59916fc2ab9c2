/**
 * The files that a turn is told: the agent's out of the snapshot, the user's out of their workspace.
 * The latter cost one hop, made while the run's rights are being proven; an agent that has no tools or
 * no workspace is told none and asks for none.
 */
import { cutFile, type PromptFile } from '../agent/prompt.ts'
import type { Services } from '../api/context.ts'
import { sha256Hex } from '../crypto/digest.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import {
  AGENT_FILES,
  headOf,
  MAX_FILE_CHARS,
  MAX_HEAD_BYTES,
  spellingsOf,
  USER_FILES,
} from '../domain/context-file.ts'
import type { AgentId } from '../domain/ids.ts'
import type { FileHead } from '../domain/ports/workspace.ts'
import { securityEvent } from '../domain/security-event.ts'
import { agentOfKey, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import { inspectToolResult } from '../input/inspect.ts'
import { markUntrusted } from '../output/mark-untrusted.ts'
import { logError } from '../telemetry/log.ts'
import type { CallLive } from './call-live.ts'
import type { Report } from './emit.ts'
import { peekSnapshot } from './freshness.ts'
import type { RunRelease } from './release.ts'
import { createRunRights, type RunRights } from './run-rights.ts'
import type { TurnRequest } from './turn-request.ts'

const MARKER_ID_CHARS = 24

export const agentFilesOf = (
  { agentFiles }: TenantSnapshot,
  agent: Pick<AgentRecord, 'id'>,
): readonly PromptFile[] =>
  AGENT_FILES.flatMap((name) => {
    const file = agentFiles.find((each) => each.agentId === agent.id && each.name === name)
    return file === undefined || file.content.trim() === ''
      ? []
      : [{ name, content: file.content, isMarked: false }]
  })

/** A run that acts for others reads what it and all of them may. */
function readsFiles(rights: RunRights, live: CallLive): boolean {
  const { access, policy } = rights.settings(live)
  return access !== 'none' && rights.registry(live).specs(policy, access).length > 0
}

type Heads = Promise<readonly FileHead[]>

export interface UserFiles {
  /** Of the agent as it was proven to be; nothing that was asked for ahead counts without it. */
  read(live: CallLive): Heads
}

/** Asks at once for what will most likely be read, by what this isolate remembers of the tenant. */
export function askUserFiles(request: TurnRequest, services: Services): UserFiles {
  const { principal, sessionKey, workspaceUser } = request
  // A call by hand asks no model, and a compaction asks its agent nothing.
  const isTold = request.invocation === null && !request.isCompaction
  const rights = createRunRights(request)
  const ask = (agentId: AgentId): Heads =>
    services
      .workspace(principal.tenantId, agentId, workspaceUser)
      .heads(USER_FILES.flatMap(spellingsOf), MAX_HEAD_BYTES)
      .catch((error: unknown) => {
        // The turn is told less; what it may do does not depend on these files.
        logError('context_files.unread', error, { runId: request.runId })
        return []
      })
  const known = peekSnapshot(principal.tenantId)
  const likely = known && agentOfKey(known, sessionKey.agentKey)
  const isLikely =
    isTold &&
    known &&
    likely?.status === 'active' &&
    readsFiles(rights, { snapshot: known, agent: likely })
  const ahead = isLikely ? { agentId: likely.id, heads: ask(likely.id) } : null
  return {
    read: async (live) => {
      if (!isTold || !readsFiles(rights, live)) return []
      const { id } = live.agent
      return ahead?.agentId === id ? ahead.heads : ask(id)
    },
  }
}

export interface TellParts {
  readonly config: TenantConfig
  readonly release: Pick<RunRelease, 'text'>
  readonly provenance: ProvenancePort
  readonly report: Report
}

/** Scrubbed as a tool's result would be; a labelled file goes between markers and labels the run. */
export async function tellUserFiles(
  heads: readonly FileHead[],
  parts: TellParts,
): Promise<readonly PromptFile[]> {
  const found = USER_FILES.flatMap((name) => {
    const head = headOf(heads, name)
    return head === undefined ? [] : [{ name, ...head }]
  })
  const told: PromptFile[] = []
  for (const { name, entry, bytes } of found) {
    const content = parts.release.text(new TextDecoder().decode(bytes))
    if (content.trim() === '') continue
    const isWhole = bytes.byteLength >= entry.size
    const file = { name, content, ...(isWhole ? {} : { wholeBytes: entry.size }) }
    told.push(
      entry.isUntrusted
        ? { name, content: await marked(file, parts), isMarked: true }
        : { ...file, isMarked: false },
    )
  }
  return told
}

async function marked(
  file: Omit<PromptFile, 'isMarked'>,
  { config, provenance, report }: TellParts,
): Promise<string> {
  provenance.sawUntrusted()
  const cut = cutFile(file, MAX_FILE_CHARS)
  const inspected = inspectToolResult(cut, {
    action: config.gateway.injection_action,
    source: 'file',
  })
  inspected.events.forEach(report)
  // The same in every turn, or no vendor's cache would hold; and no text can contain its own hash.
  const id = `ext_${(await sha256Hex(inspected.text)).slice(0, MARKER_ID_CHARS)}`
  const { text, forged } = markUntrusted(inspected.text, { id, source: { kind: 'file' } })
  if (forged) report(securityEvent('marker_forged', { source: 'file' }))
  const notice = inspected.notice === null ? '' : `[${inspected.notice}]\n\n`
  return `${notice}${text}`
}
