/**
 * What a tool answered, made fit for model and readers: scrubbed, looked over and put between markers
 * when it came from outside, cut to size. Scrubbed first and cut after, so that no secret survives as
 * half; marked last, so that no cut takes a marker away.
 */
import { newId } from '../crypto/random.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import { securityEvent } from '../domain/security-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { UntrustedSource } from '../domain/untrusted.ts'
import { inspectToolResult } from '../input/inspect.ts'
import { markUntrusted } from '../output/mark-untrusted.ts'
import { type KeepOptions, keepWhole } from './cut-result.ts'
import type { Report } from './emit.ts'
import type { RunRelease } from './release.ts'

export interface ResultParts extends KeepOptions {
  readonly callKey: string
  readonly config: TenantConfig
  readonly release: RunRelease
  readonly report: Report
}

export async function presentResult(
  outcome: ToolOutcome,
  parts: ResultParts,
): Promise<ToolOutcome> {
  const scrubbed = { ...outcome, content: parts.release.text(outcome.content) }
  const cut = await keepWhole(scrubbed, parts.callKey, parts)
  return outcome.untrusted === undefined ? cut : markResult(cut, outcome.untrusted, parts)
}

export function markResult(
  outcome: ToolOutcome,
  source: UntrustedSource,
  { config, report }: Pick<ResultParts, 'config' | 'report'>,
): ToolOutcome {
  const inspected = inspectToolResult(outcome.content, {
    action: config.gateway.injection_action,
    source: source.kind,
  })
  inspected.events.forEach(report)
  // Of this one block: its author cannot have known it.
  const marked = markUntrusted(inspected.text, { id: newId('ext'), source })
  if (marked.forged) report(securityEvent('marker_forged', { source: source.kind }))
  const notice = inspected.notice === null ? '' : `[${inspected.notice}]\n\n`
  return { ...outcome, content: `${notice}${marked.text}` }
}
