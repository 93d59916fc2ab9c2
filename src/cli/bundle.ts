/**
 * The finished build as it lies in dist/: what `build` writes and `start` hosts. Paths inside are
 * relative to the folder, so that it can be copied.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { V4ModuleDefinition } from 'miniflare'
import { CliFailure } from './failure.ts'

export type ModuleType = 'ESModule' | 'Text' | 'Data' | 'CompiledWasm'

export interface BundleModule {
  readonly type: ModuleType
  readonly path: string
}

export interface Migration {
  /** The file's name, as wrangler records it. */
  readonly name: string
  readonly statements: readonly string[]
}

/** dist/build.json */
export interface BundleManifest {
  /** SHA-256 over every input; equal means that building again would change nothing. */
  readonly inputs: string
  readonly version: string
  /** The entry comes first. */
  readonly modules: readonly BundleModule[]
  readonly migrations: readonly Migration[]
  readonly crons: readonly string[]
  readonly bytes: number
  readonly gzipBytes: number
}

/** Static files, and the name under which the Worker reaches them. */
export interface BundledAssets {
  readonly directory: string
  readonly binding: string
}

/** Worker options without sources, as wrangler makes them from wrangler.toml. */
export interface SourcelessOptions {
  readonly bindings?: Readonly<Record<string, unknown>>
  readonly assets?: BundledAssets
  readonly [option: string]: unknown
}

export const MANIFEST_FILE = 'build.json'
export const OPTIONS_FILE = 'miniflare.json'
export const WORKER_FOLDER = 'worker'
export const ASSETS_FOLDER = 'dashboard'

export function readManifest(dist: string): BundleManifest | null {
  const path = resolve(dist, MANIFEST_FILE)
  if (!existsSync(path)) return null
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as BundleManifest
  const isWhole = [
    OPTIONS_FILE,
    `${ASSETS_FOLDER}/index.html`,
    ...manifest.modules.map((module) => `${WORKER_FOLDER}/${module.path}`),
  ].every((file) => existsSync(resolve(dist, file)))
  return isWhole ? manifest : null
}

export interface LoadedBundle {
  readonly manifest: BundleManifest
  readonly options: SourcelessOptions
  readonly modules: V4ModuleDefinition[]
}

export function loadBundle(dist: string): LoadedBundle {
  const manifest = readManifest(dist)
  if (manifest === null) throw new CliFailure(`${dist} holds no complete build: npm run build`)
  const options = JSON.parse(readFileSync(resolve(dist, OPTIONS_FILE), 'utf8')) as SourcelessOptions
  return {
    manifest,
    options: {
      ...options,
      ...(options.assets
        ? { assets: { ...options.assets, directory: resolve(dist, options.assets.directory) } }
        : {}),
    },
    modules: manifest.modules.map(({ type, path }) => {
      const contents = readFileSync(resolve(dist, WORKER_FOLDER, path))
      return {
        type,
        path,
        contents: type === 'ESModule' || type === 'Text' ? contents.toString('utf8') : contents,
      }
    }),
  }
}
