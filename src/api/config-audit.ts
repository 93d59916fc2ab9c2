/**
 * What the audit trail says of a changed document or agent: which settings, and no values. The first two parts of
 * each path say enough, and no name that somebody made up can push another one out of the record.
 */
import { canonicalHash } from '../crypto/canonical-json.ts'
import { ADMIN_ONLY_PATHS, OWNER_ONLY_PATHS } from '../domain/config/permissions.ts'
import type { ChangedConfig } from './config-change.ts'

/** The trail cuts what is longer. */
const MAX_FIELD_CHARS = 300
const MAX_NAME_CHARS = 80
/** Every setting of two parts there is fits; what somebody named comes last. */
const MAX_FIELDS = 6
/** Who may do what, and what is kept of it, before how fast and how much. */
const TELLING_SECTIONS = ['retention', 'tools', 'autonomy', 'sandbox', 'gateway', 'channels']
const TELLING: readonly string[] = [...OWNER_ONLY_PATHS, ...ADMIN_ONLY_PATHS]

const shortOf = (path: string): string =>
  (/^[\w-]+(?:\.[\w-]+)?/.exec(path)?.[0] ?? path).slice(0, MAX_NAME_CHARS)

const rankOf = (short: string): number => {
  const telling = TELLING.indexOf(short)
  if (telling >= 0) return telling
  const section = TELLING_SECTIONS.indexOf(short.split('.')[0] ?? '')
  return TELLING.length + (section < 0 ? TELLING_SECTIONS.length : section)
}

/** @returns null for a change that was only judged */
export const auditOf = async (
  { dryRun }: { readonly dryRun?: boolean | null | undefined },
  { hash, diff }: ChangedConfig,
): Promise<Readonly<Record<string, string>> | null> =>
  dryRun ? null : { config: hash.slice(0, 12), ...(await toldPaths(diff.map(({ path }) => path))) }

/** The settings at these paths, in as many fields as their names need. */
export async function toldPaths(
  paths: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const shorts = [...new Set(paths.map(shortOf))].toSorted((a, b) => rankOf(a) - rankOf(b))
  const fields: string[] = ['']
  for (const short of shorts) {
    const last = fields.at(-1) ?? ''
    if (last.length + short.length >= MAX_FIELD_CHARS) fields.push(short)
    else fields[fields.length - 1] = last === '' ? short : `${last} ${short}`
  }
  return {
    ...Object.fromEntries(
      fields
        .slice(0, MAX_FIELDS)
        .map((names, i) => [i === 0 ? 'settings' : `settings_${i + 1}`, names]),
    ),
    changed: String(paths.length),
    // Whoever has both documents can show which list it was.
    paths: (await canonicalHash(paths)).slice(0, 32),
  }
}
