/**
 * Is the gateway that runs the gate that is scored? Sends rows of the evaluation sets to a live
 * gateway's `tools.invoke` as dry runs, and compares each judgement with the adapter's. Any difference
 * is printed, and the exit code is 1. Usage:
 *
 *   npm run eval:live -- FOLDER_OF_SETS [ROWS] [SEED]
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliFailure, runMain } from '../../src/cli/failure.ts'
import { DIST } from '../../src/cli/root.ts'
import { hostBundle, TOKEN } from '../support/bundle-host.ts'
import { seededRandom } from '../support/random.ts'

const ROWS = 300
const SEED = 20_261_126
/** Requests at once; the machine's cores are shared with the gateway. */
const LANES = 8

interface Row {
  readonly input: string
  readonly iface?: string
}

interface Adapter {
  shellDeny(command: string): readonly string[] | Promise<readonly string[]>
  pathTool(path: string, row: Row): boolean | Promise<boolean>
  ssrf(url: string, network: Network): Promise<boolean>
}

interface Network {
  resolve(host: string): Promise<readonly string[]>
  location(): Promise<string | null>
}

/** A dry run resolves no name: what is left is the judgement of the URL itself. */
const PUBLIC_EVERYWHERE: Network = {
  resolve: async () => ['93.184.216.34'],
  location: async () => null,
}

interface Probe {
  readonly set: string
  readonly input: string
  readonly call: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> }
  /** What the adapter says: lets it through, or not. */
  readonly isAllowed: () => Promise<boolean>
}

function readSet(folder: string, name: string): readonly Row[] {
  const text = readFileSync(join(folder, `${name}.jsonl`), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

function probesOf(folder: string, adapter: Adapter): readonly Probe[] {
  const shell = ['shell_danger', 'shell_benign'].flatMap((set) =>
    readSet(folder, set).map(({ input }) => ({
      set,
      input,
      call: { tool: 'exec', args: { command: input } },
      isAllowed: async () => (await adapter.shellDeny(input)).length === 0,
    })),
  )
  const paths = readSet(folder, 'traversal')
    .filter(({ iface }) => iface === 'tool')
    .map((row) => ({
      set: 'traversal',
      input: row.input,
      call: { tool: 'read_file', args: { path: row.input } },
      isAllowed: async () => adapter.pathTool(row.input, row),
    }))
  const urls = ['ssrf_block', 'ssrf_allow'].flatMap((set) =>
    readSet(folder, set).map(({ input }) => ({
      set,
      input,
      call: { tool: 'web_fetch', args: { url: input } },
      isAllowed: () => adapter.ssrf(input, PUBLIC_EVERYWHERE),
    })),
  )
  return [...shell, ...paths, ...urls]
}

function choose(probes: readonly Probe[], count: number, seed: number): readonly Probe[] {
  const random = seededRandom(seed)
  const left = [...probes]
  const chosen: Probe[] = []
  while (chosen.length < count && left.length > 0) {
    chosen.push(...left.splice(random.below(left.length), 1))
  }
  return chosen
}

interface Verdict {
  readonly decision: 'allow' | 'ask' | 'deny'
  readonly kind?: string
}

async function ask(url: string, { call }: Probe): Promise<Verdict> {
  const response = await fetch(`${url}/v1/tools/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...call, dryRun: true }),
  })
  if (!response.ok) throw new CliFailure(`${response.status} ${await response.text()}`)
  return (await response.json()) as Verdict
}

async function main(): Promise<number> {
  const [folder, count, seed] = process.argv.slice(2)
  if (folder === undefined) throw new CliFailure('name the folder that holds the sets')
  const adapter = (await import(pathToFileURL(resolve(DIST, 'eval/adapter.mjs')).href)) as Adapter
  const probes = choose(probesOf(folder, adapter), Number(count ?? ROWS), Number(seed ?? SEED))
  const host = await hostBundle(['live'])
  const [url = ''] = host.urls
  const differing: string[] = []
  const bySet = new Map<string, number>()
  const queue = [...probes]
  const lane = async (): Promise<void> => {
    for (let probe = queue.pop(); probe !== undefined; probe = queue.pop()) {
      const [verdict, isAllowed] = await Promise.all([ask(url, probe), probe.isAllowed()])
      bySet.set(probe.set, (bySet.get(probe.set) ?? 0) + 1)
      if ((verdict.decision === 'allow') === isAllowed) continue
      const shown = JSON.stringify(probe.input).slice(0, 120)
      differing.push(
        `${probe.set}: ${shown}: adapter ${isAllowed}, gateway ${verdict.kind ?? 'allow'}`,
      )
    }
  }
  try {
    await Promise.all(Array.from({ length: LANES }, lane))
  } finally {
    await host.close()
  }
  for (const line of differing) process.stdout.write(`${line}\n`)
  const sets = [...bySet].map(([set, rows]) => `${set} ${rows}`).join(', ')
  process.stdout.write(`${probes.length} rows judged alike but for ${differing.length} (${sets})\n`)
  return differing.length === 0 ? 0 : 1
}

await runMain(main)
