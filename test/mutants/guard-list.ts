/** The checks of access in the product's source, each with the text that switches it off. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface GuardMutant {
  /** From the root of the tree. */
  readonly file: string
  readonly line: number
  readonly was: string
  readonly becomes: string
  /** The whole file with the check off. */
  readonly source: string
}

interface Operator {
  readonly pattern: RegExp
  readonly becomes: string
}

/** Folders whose checks decide who may do what. */
const FOLDERS = ['src/transport', 'src/api', 'src/gateway', 'src/objects', 'src/domain'] as const

/**
 * Each pattern is a whole condition, so that what stands in its place is valid code. Those that let
 * somebody in when true become true, those that turn somebody away become false.
 */
const OPERATORS: readonly Operator[] = [
  { pattern: /!hasRole\([^()]*(?:\([^()]*\))?[^()]*\)/g, becomes: 'false' },
  { pattern: /(?<!!|function |const )\bisTenantAdmin\([\w.]+\)/g, becomes: 'true' },
  { pattern: /(?<!!|function |const )\bisApprover\([\w.]+\)/g, becomes: 'true' },
  { pattern: /!isTenantAdmin\([\w.]+\)/g, becomes: 'false' },
  { pattern: /!isApprover\([\w.]+\)/g, becomes: 'false' },
  { pattern: /!principal\.isMasterScope\b/g, becomes: 'false' },
  { pattern: /\b\w+\.(?:ownerId|userId) === principal\.userId\b/g, becomes: 'true' },
  { pattern: /\b\w+\.tenantId !== principal\.tenantId\b/g, becomes: 'false' },
  { pattern: /\b\w+\.tenantId === principal\.tenantId\b/g, becomes: 'true' },
  { pattern: /\bsnapshot\.status !== 'active'/g, becomes: 'false' },
  { pattern: /\b\w+\.revokedAt === null\b/g, becomes: 'true' },
  { pattern: /\b\w+\.revokedAt !== null\b/g, becomes: 'false' },
  { pattern: /\bcredential\.expiresAt <= services\.now\(\)/g, becomes: 'false' },
  { pattern: /\bheld\.includes\(needed\)/g, becomes: 'true' },
  { pattern: /\baccess: (?:OPERATOR|ADMIN|OWNER|PLATFORM)\b/g, becomes: 'access: VIEWER' },
  { pattern: /\baccess: VIEWER\b/g, becomes: 'access: ADMIN' },
]

const sourcesIn = (root: string, folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
    .sort()

/** A file that takes `VIEWER` for another row must know the name. */
const withImport = (source: string, becomes: string): string => {
  const name = /^access: (\w+)$/.exec(becomes)?.[1]
  if (name === undefined) return source
  return source.replace(/import \{([^}]*)\} from '\.\/access\.ts'/, (whole, names: string) =>
    new RegExp(`\\b${name}\\b`).test(names) ? whole : whole.replace('{', `{ ${name},`),
  )
}

export function guardMutants(root: string): readonly GuardMutant[] {
  return FOLDERS.flatMap((folder) => sourcesIn(root, folder)).flatMap((file) => {
    const source = readFileSync(path.join(root, file), 'utf8')
    return OPERATORS.flatMap(({ pattern, becomes }) =>
      [...source.matchAll(pattern)].map(({ 0: was, index }) => ({
        file,
        line: source.slice(0, index).split('\n').length,
        was,
        becomes,
        source: withImport(
          source.slice(0, index) + becomes + source.slice(index + was.length),
          becomes,
        ),
      })),
    )
  })
}
