/** Words of a hook, for a model: scrubbed, looked over, and between markers as any text from outside. */
import type { TenantConfig } from '../../domain/config/tenant-config.ts'
import type { Report } from '../emit.ts'
import type { RunRelease } from '../release.ts'
import { markResult } from '../tool-result.ts'

export interface HookTextParts {
  readonly config: TenantConfig
  readonly release: Pick<RunRelease, 'text'>
  readonly report: Report
}

export const markedHookText = (
  text: string,
  { config, release, report }: HookTextParts,
): string => {
  const outcome = { content: release.text(text), isError: false }
  return markResult(outcome, { kind: 'webhook' }, { config, report }).content
}
