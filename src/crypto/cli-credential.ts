/** The environment of a registered binary at rest: one sealed JSON object of names and values. */
import type { BinaryId, TenantId } from '../domain/ids.ts'
import { err, type Result } from '../domain/result.ts'
import { type EnvelopeFailure, type OpenOptions, open, type SealedPlace, seal } from './envelope.ts'
import type { KeyRing } from './keys.ts'

export type CliEnvironment = Readonly<Record<string, string>>

export const cliCredentialPlace = (tenantId: TenantId, binaryId: BinaryId): SealedPlace => ({
  tenantId,
  table: 'secure_cli_binaries',
  column: 'sealed_env',
  row: binaryId,
})

export const sealCliEnvironment = (
  ring: KeyRing,
  tenantId: TenantId,
  binaryId: BinaryId,
  env: CliEnvironment,
): Promise<string> => seal(ring, cliCredentialPlace(tenantId, binaryId), JSON.stringify(env))

export async function openCliEnvironment(
  ring: KeyRing,
  tenantId: TenantId,
  binaryId: BinaryId,
  sealedEnv: string,
  options: OpenOptions = {},
): Promise<Result<CliEnvironment, EnvelopeFailure>> {
  const opened = await open(ring, cliCredentialPlace(tenantId, binaryId), sealedEnv, options)
  if (!opened.ok) return opened
  const env = parseEnvironment(opened.value.text)
  return env === null ? err({ kind: 'unreadable' }) : { ok: true, value: env }
}

function parseEnvironment(text: string): CliEnvironment | null {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
    const entries = Object.entries(parsed)
    return entries.every(([, value]) => typeof value === 'string')
      ? Object.fromEntries(entries)
      : null
  } catch {
    return null
  }
}
