/**
 * What a build is made of, and whether the one in dist/ is still the same. Apart from build.ts, so
 * that `npm start` can ask without loading what builds.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { readManifest } from './bundle.ts'
import { DIST, ROOT } from './root.ts'

export const CONFIG_FILE = 'wrangler.toml'

/** Parts of src/ that the build is not made of. */
const NOT_BUILT = ['src/cli']
/** Whatever else changes the result. */
const OTHER_INPUTS = [
  'src/cli/build.ts',
  'src/cli/bundle.ts',
  'src/cli/dashboard-build.ts',
  'migrations',
  CONFIG_FILE,
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]

export interface BuildOptions {
  readonly main: string
  readonly out: string
}

export const defaultBuild: BuildOptions = { main: resolve(ROOT, 'src/worker.ts'), out: DIST }

/** Paths below a folder of the checkout in a fixed order; a file stands for itself. */
export function filesUnder(
  path: string,
  without: readonly string[] = NOT_BUILT,
): readonly string[] {
  try {
    return readdirSync(resolve(ROOT, path), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const child = `${path}/${entry.name}`
        if (without.includes(child)) return []
        return entry.isDirectory() ? filesUnder(child, without) : [child]
      })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return [path]
    if (code === 'ENOENT') return []
    throw error
  }
}

/** Judged by content: a checkout or a copy keeps no useful times. */
export function hashInputs(options: BuildOptions): string {
  const hash = createHash('sha256')
  const main = relative(ROOT, options.main)
  for (const path of [...['src', ...OTHER_INPUTS].flatMap((input) => filesUnder(input)), main]) {
    const bytes = readFileSync(resolve(ROOT, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

export const isBuilt = (options: BuildOptions): boolean =>
  readManifest(options.out)?.inputs === hashInputs(options)
