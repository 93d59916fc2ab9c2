/**
 * `npm run build`: the production bundle exactly as a deploy uploads it, the options under which
 * Miniflare hosts it, the migrations cut into statements, and the dashboard. It does nothing when
 * no input has changed. The command also writes the adapter by which an evaluation calls the gates;
 * `npm start` does not need it.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleAdapter } from './adapter-bundle.ts'
import {
  ASSETS_FOLDER,
  type BundleManifest,
  type BundleModule,
  MANIFEST_FILE,
  type Migration,
  type ModuleType,
  OPTIONS_FILE,
  readManifest,
  WORKER_FOLDER,
} from './bundle.ts'
import { buildDashboard } from './dashboard-build.ts'
import { CliFailure, runMain } from './failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from './flags.ts'
import { type BuildOptions, CONFIG_FILE, defaultBuild, filesUnder, hashInputs } from './inputs.ts'
import { ROOT } from './root.ts'
import { formatBytes, formatDuration, paletteFor, toPlainText } from './terminal.ts'
import { runWrangler } from './wrangler.ts'

const BUILD_FLAGS: readonly FlagSpec[] = [
  { name: 'force', help: 'build even when nothing has changed' },
  { name: 'quiet', help: 'print nothing but errors' },
  { name: 'main', value: 'FILE', help: 'another entry file', isInternal: true },
  { name: 'out', value: 'DIR', help: 'another output folder', isInternal: true },
]

const MODULE_TYPES: Readonly<Record<string, ModuleType>> = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.bin': 'Data',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
}

function modulesIn(folder: string, entry: string): readonly BundleModule[] {
  const modules = readdirSync(folder).flatMap((path) => {
    const type = MODULE_TYPES[extname(path)]
    return type === undefined ? [] : [{ type, path }]
  })
  return modules.sort((a, b) => Number(b.path === entry) - Number(a.path === entry))
}

async function bundleWorker(options: BuildOptions, folder: string): Promise<void> {
  const { code, output } = await runWrangler([
    'deploy',
    options.main,
    '--config',
    CONFIG_FILE,
    '--dry-run',
    '--outdir',
    folder,
  ])
  if (code !== 0) throw new CliFailure(`the build failed\n${toPlainText(output).trim()}`)
}

interface WorkerOptions {
  readonly rootPath?: string
  readonly modulesRules?: unknown
  readonly cronTriggers?: readonly string[]
  readonly assets?: Readonly<Record<string, unknown>>
}

/** Importing wrangler takes half a second and 100 MB, which `npm start` is spared by this build. */
async function describeWorker(options: BuildOptions) {
  const { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } = await import('wrangler')
  const { workerOptions } = unstable_getMiniflareWorkerOptions(resolve(ROOT, CONFIG_FILE))
  // The rest names no path of this machine: dist/ can be moved.
  const { rootPath: _, modulesRules: __, ...rest } = workerOptions as WorkerOptions
  const migrations: Migration[] = filesUnder('migrations')
    .filter((path) => /^migrations\/[^/]+\.sql$/.test(path))
    .map((path) => ({
      name: basename(path),
      statements: unstable_splitSqlQuery(readFileSync(resolve(ROOT, path), 'utf8')),
    }))
  const crons = rest.cronTriggers ?? []
  writeFileSync(
    resolve(options.out, OPTIONS_FILE),
    JSON.stringify({ ...rest, assets: { ...rest.assets, directory: ASSETS_FOLDER } }, null, 2),
  )
  return { migrations, crons }
}

export interface BuildResult {
  readonly manifest: BundleManifest
  readonly isFresh: boolean
}

export async function build(options: BuildOptions, isForced = false): Promise<BuildResult> {
  const inputs = hashInputs(options)
  const present = isForced ? null : readManifest(options.out)
  if (present?.inputs === inputs) return { manifest: present, isFresh: false }
  const folder = resolve(options.out, WORKER_FOLDER)
  const fresh = `${folder}.${process.pid}`
  // Wrangler wants the folder of the assets to be there before it reads its configuration.
  await buildDashboard(options.out)
  try {
    const [, description] = await Promise.all([
      bundleWorker(options, fresh),
      describeWorker(options),
    ])
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
    const modules = modulesIn(folder, `${basename(options.main, extname(options.main))}.js`)
    const contents = modules.map((module) => readFileSync(resolve(folder, module.path)))
    const { version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
      version: string
    }
    const manifest: BundleManifest = {
      inputs,
      version,
      modules,
      ...description,
      bytes: contents.reduce((sum, bytes) => sum + bytes.length, 0),
      gzipBytes: contents.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0),
    }
    writeFileSync(resolve(options.out, MANIFEST_FILE), JSON.stringify(manifest, null, 2))
    return { manifest, isFresh: true }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** One line: what was built, how large it is, where it lies. */
export function formatBuild(
  { manifest, isFresh }: BuildResult,
  options: BuildOptions,
  durationMs: number | null,
): string {
  const { green, dim } = paletteFor(process.stdout)
  const size = `${formatBytes(manifest.gzipBytes)} gzip (${formatBytes(manifest.bytes)})`
  const { length } = manifest.migrations
  const migrations = `${length} migration${length === 1 ? '' : 's'}`
  const how = isFresh ? (durationMs === null ? '' : formatDuration(durationMs)) : 'unchanged'
  const where = relative(process.cwd(), options.out) || '.'
  return `${`${green('built')} worker ${size}, ${migrations} ${dim(`→ ${where}  ${how}`)}`.trimEnd()}\n`
}

async function main(): Promise<number> {
  const { values } = parseFlags(process.argv.slice(2), BUILD_FLAGS)
  if (values.has('help')) {
    process.stdout.write(`npm run build -- [flags]\n\n${describeFlags(BUILD_FLAGS)}\n`)
    return 0
  }
  const began = performance.now()
  const options = {
    main: resolve(values.get('main') ?? defaultBuild.main),
    out: resolve(values.get('out') ?? defaultBuild.out),
  }
  const [result] = await Promise.all([
    build(options, values.has('force')),
    bundleAdapter(options.out),
  ])
  if (values.has('quiet')) return 0
  process.stdout.write(formatBuild(result, options, performance.now() - began))
  return 0
}

if (import.meta.main) await runMain(main)
