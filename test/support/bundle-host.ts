/**
 * The production bundle on workerd, hosted by hand: with settings left out, and as several Workers
 * over one storage. Each Worker has its own isolate and its own memory; the objects, the database
 * and the bucket are the first one's, as they are everybody's on Cloudflare.
 */
import { randomBytes } from 'node:crypto'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { build } from '../../src/cli/build.ts'
import { loadBundle } from '../../src/cli/bundle.ts'
import { defaultBuild } from '../../src/cli/inputs.ts'
import { DIST } from '../../src/cli/root.ts'
import { applyMigrations, type MigrationDatabase } from '../../src/cli/start/migrate.ts'

export const TOKEN = 'test-gateway-token-0123456789'

export const SETTINGS: Readonly<Record<string, string>> = {
  EDGECLAW_PLATFORM: 'local',
  EDGECLAW_TOKEN: TOKEN,
  EDGECLAW_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
}

export interface BundleHost {
  /** One base URL for each Worker, in order. */
  readonly urls: readonly string[]
  /** What the Workers logged, so far. */
  readonly logs: () => readonly string[]
  /** Runs SQL in the database that all of them share. */
  readonly sql: (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
  readonly close: () => Promise<void>
}

interface ObjectBinding {
  readonly className: string
}

/** Stands for everything outside of the Workers: each request that they send ends here. */
export type Outside = (request: Request) => Response | Promise<Response>

/**
 * @param names of the Workers; all but the first borrow its object classes
 * @param outside none: the network of this machine
 */
export async function hostBundle(
  names: readonly [string, ...string[]],
  settings: Readonly<Record<string, string>> = SETTINGS,
  outside?: Outside,
): Promise<BundleHost> {
  // What stands there may be missing, or of an older source.
  await build(defaultBuild)
  const { manifest, options, modules } = loadBundle(DIST)
  const { queueConsumers, ...shared } = options
  const objects = Object.entries(options['durableObjects'] as Record<string, ObjectBinding>)
  const workers = names.map((name, index) => ({
    ...shared,
    // A queue has one consumer.
    ...(index === 0 && queueConsumers ? { queueConsumers } : {}),
    name,
    modules,
    bindings: { ...options.bindings, ...settings },
    durableObjects: Object.fromEntries(
      objects.map(([binding, object]) => [
        binding,
        index === 0 ? object : { ...object, scriptName: names[0] },
      ]),
    ),
    ...(outside === undefined ? {} : { outboundService: outside }),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  })) as unknown as V4WorkerOptions[]
  const logs: string[] = []
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ message }) => void logs.push(message),
      unsafeLocalExplorer: false,
      unsafeTriggerHandlers: false,
      workers,
    }),
  )
  const database = async () => miniflare.getD1Database('DB', names[0])
  try {
    await miniflare.ready
    await applyMigrations((await database()) as unknown as MigrationDatabase, manifest.migrations)
    const urls = await Promise.all(
      names.map(async (name) => (await miniflare.unsafeGetDirectURL(name)).href.replace(/\/$/, '')),
    )
    return {
      urls,
      logs: () => logs,
      sql: async (text) => (await (await database()).prepare(text).all()).results as never,
      close: () => miniflare.dispose(),
    }
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
}
