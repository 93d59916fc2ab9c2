/**
 * `npm run bench`: what the gateway costs, as ratios against floors and peers measured in the same
 * run. It judges nothing and fails only when something breaks; docs/benchmarks.md says how to read it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from '../../src/cli/build.ts'
import { readManifest } from '../../src/cli/bundle.ts'
import { CliFailure, runMain } from '../../src/cli/failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from '../../src/cli/flags.ts'
import { defaultBuild } from '../../src/cli/inputs.ts'
import { claimPort } from '../../src/cli/start/port.ts'
import { findChromium } from '../support/browser.ts'
import { countedBundle } from './counted-bundle.ts'
import { measureDatabaseUse } from './database-reads.ts'
import { measureDetection, measureGates, measurePeer } from './gates.ts'
import { startForeignHost, startHost, stopAllHosts } from './host-process.ts'
import { measureIdleMemory } from './idle-memory.ts'
import { gatewaySubjects, measureLatency, portkeySubject, type Subject } from './latency.ts'
import { measureMemory } from './memory.ts'
import { measurePages } from './pages.ts'
import { measureParts } from './parts.ts'
import * as report from './report.ts'
import { measureRoundTrips } from './round-trips.ts'
import { measureStartUp } from './start-up.ts'
import { type BenchTenant, type GatewayReady, prepareTenant } from './tenant.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'quick', help: 'fewer requests: well under a minute instead of three' },
  {
    name: 'only',
    value: 'PART',
    help: 'gates, notes, pages, latency, parts, trips, reads, memory or start',
  },
  { name: 'dist', value: 'DIR', help: 'measure this build as it is, instead of building' },
  { name: 'corpora', value: 'DIR', help: 'evaluation sets, for the share of secrets found' },
  { name: 'beside', value: 'DIR', help: 'another build to take turns with this one' },
]

const PARTS = [
  'gates',
  'notes',
  'pages',
  'latency',
  'parts',
  'trips',
  'reads',
  'memory',
  'start',
] as const
type Part = (typeof PARTS)[number]

const SIZES = {
  full: {
    warmUp: 200,
    measured: 1_000,
    sends: 60,
    sessions: 1_000,
    starts: 5,
    peerRounds: 15,
    chunks: 100_000,
    searches: 100,
    visits: 5,
  },
  quick: {
    warmUp: 50,
    measured: 80,
    sends: 10,
    sessions: 100,
    starts: 1,
    peerRounds: 3,
    chunks: 10_000,
    searches: 20,
    visits: 2,
  },
} as const

const folders: string[] = []
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-bench-'))
  folders.push(folder)
  return folder
}

async function startTenant(dist: string, upstream: string) {
  const host = await startHost<GatewayReady>('gateway', { dist, dataDir: temporaryFolder() })
  const tenant: BenchTenant = await prepareTenant(host.ready, upstream)
  return { host, tenant }
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags(process.argv.slice(2), FLAGS)
  if (values.has('help')) {
    process.stdout.write(`npm run bench -- [part] [flags]\n\n${describeFlags(FLAGS)}\n`)
    return 0
  }
  const size = SIZES[values.has('quick') ? 'quick' : 'full']
  const only = values.get('only') ?? positionals[0]
  if (only !== undefined && !PARTS.some((part) => part === only)) {
    throw new CliFailure(`${only} is no part of the benchmarks: ${PARTS.join(', ')}`)
  }
  const isAsked = (part: Part): boolean => only === undefined || only === part
  const given = values.get('dist')
  if (given === undefined && only !== 'gates' && only !== 'notes') await build(defaultBuild)
  const dist = given === undefined ? defaultBuild.out : resolve(given)
  process.stdout.write(
    report.machine({
      model: cpus()[0]?.model ?? 'unknown processor',
      cores: cpus().length,
      memoryBytes: totalmem(),
      node: process.version,
    }),
  )
  if (isAsked('gates')) {
    process.stdout.write(report.gates(measureGates(size)))
    process.stdout.write(report.peer(await measurePeer(size.peerRounds)))
    process.stdout.write(report.detection(await measureDetection(values.get('corpora'))))
    if (only === 'gates') return 0
  }
  if (isAsked('notes')) {
    process.stdout.write(report.memorySearch(await measureMemory(size)))
    if (only === 'notes') return 0
  }
  if (isAsked('pages')) {
    if (findChromium() === null) process.stdout.write(report.noBrowser)
    else process.stdout.write(report.pages(await measurePages(temporaryFolder(), size.visits)))
    if (only === 'pages') return 0
  }
  const upstream = (await startHost<{ url: string }>('upstream')).ready.url
  if (isAsked('latency')) {
    const forward = await startHost<{ url: string }>('workers', { floor: 'forward', upstream })
    const portkey = await startForeignHost('portkey', await claimPort('127.0.0.1', 0))
    const { tenant, host } = await startTenant(dist, upstream)
    const other = values.get('beside')
    const beside = other === undefined ? null : await startTenant(resolve(other), upstream)
    const subjects: Subject[] = [
      { name: 'direct', url: `${upstream}/chat/completions`, model: 'local', headers: {} },
      { name: 'bare Worker', url: `${forward.ready.url}/`, model: 'local', headers: {} },
      portkeySubject(portkey.ready.url, upstream),
      ...gatewaySubjects('EdgeClaw', tenant),
      ...(beside ? gatewaySubjects('beside', beside.tenant) : []),
    ]
    process.stdout.write(report.latency(await measureLatency(subjects, size), size))
    await Promise.all(
      [forward, portkey, host, ...(beside ? [beside.host] : [])].map((h) => h.stop()),
    )
  }
  if (isAsked('parts')) {
    const { tenant, host } = await startTenant(dist, upstream)
    process.stdout.write(report.parts(await measureParts(tenant, size), size))
    await host.stop()
  }
  if (isAsked('trips')) {
    const { tenant, host } = await startTenant(dist, upstream)
    for (const sessions of [1, 50]) {
      process.stdout.write(
        report.roundTrips(await measureRoundTrips(tenant, { sessions, sends: size.sends })),
      )
    }
    await host.stop()
  }
  if (isAsked('reads')) {
    const counted = countedBundle(dist, join(temporaryFolder(), 'dist'))
    const { tenant, host } = await startTenant(counted, upstream)
    process.stdout.write(report.databaseUse(await measureDatabaseUse(tenant)))
    await host.stop()
  }
  if (isAsked('memory')) {
    const bare = await startHost<{ url: string }>('workers', { floor: 'hibernating' })
    const { tenant, host } = await startTenant(dist, upstream)
    process.stdout.write(
      report.idleMemory(await measureIdleMemory(size.sessions, host, tenant, bare)),
    )
    await Promise.all([bare.stop(), host.stop()])
  }
  if (isAsked('start')) {
    const bundle = readManifest(dist)
    process.stdout.write(
      report.startUp(await measureStartUp(dist, size.starts), bundle?.gzipBytes ?? 0),
    )
  }
  return 0
}

await runMain(async () => {
  try {
    return await main()
  } finally {
    await stopAllHosts()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
})
