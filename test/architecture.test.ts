/**
 * Holds the shape of the source: which folder may import which, no cycles, no platform in pure
 * folders, few doors to the network, files that can be read at once. Imports of types count as well.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = normalize(join(import.meta.dirname, '..'))
const MAX_LINES = 500
const MEDIAN_LINES = 120

/** Folder of src/ → the folders of src/ that it may import, beside itself. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  protocol: ['domain'],
  crypto: ['domain'],
  egress: ['domain'],
  input: ['domain'],
  output: ['domain'],
  agent: ['domain'],
  audit: ['domain'],
  transport: ['domain', 'crypto'],
  isolation: ['domain', 'crypto'],
  db: ['domain', 'crypto'],
  tools: ['domain', 'egress', 'crypto'],
  providers: ['domain', 'egress'],
  channels: ['domain', 'crypto', 'egress'],
  telemetry: ['domain', 'output', 'crypto'],
  api: ['domain', 'protocol', 'db', 'crypto', 'telemetry'],
  gateway: [
    'domain',
    'protocol',
    'crypto',
    'egress',
    'input',
    'output',
    'agent',
    'audit',
    'transport',
    'isolation',
    'db',
    'tools',
    'providers',
    'channels',
    'telemetry',
    'api',
  ],
  objects: [
    'domain',
    'protocol',
    'transport',
    'isolation',
    'agent',
    'crypto',
    'telemetry',
    'db',
    'gateway',
  ],
  worker: ['gateway', 'objects'],
  cli: ['protocol'],
  dashboard: ['protocol'],
}

/** Single edges beside the table, each with its reason. `types` allows types alone. */
const EXCEPTIONS: readonly {
  readonly from: RegExp
  readonly to: RegExp
  readonly types?: true
  readonly because: string
}[] = [
  {
    from: /^src\/objects\//,
    to: /^src\/api\/context\.ts$/,
    types: true,
    because: 'objects are handed the same services as operations',
  },
  {
    from: /^src\/objects\/session\/(?:tool-budget|run-host)\.ts$/,
    to: /^src\/tools\/budget\.ts$/,
    because: 'the session keeps the window of tool calls, behind the port of tools/',
  },
  {
    from: /^src\/(?:cli|dashboard)\//,
    to: /^src\/api\//,
    types: true,
    because: 'clients are typed by the registry, and bundle nothing of it',
  },
  {
    from: /^src\/cli\/config/,
    to: /^src\/domain\/config\/presets\.ts$/,
    because: 'presets are data that exists once, typed by the document they set',
  },
  {
    from: /^src\/cli\//,
    to: /^src\/domain\/config\/nearest-key\.ts$/,
    because: 'what a mistyped word was meant to be is judged once, for settings and commands alike',
  },
  {
    from: /^src\/cli\/(?:start\/|runner-key\.ts$)/,
    to: /^src\/crypto\/job-token\.ts$/,
    because: 'the local host, or the operator, makes the key pair that gateway and runner share',
  },
  {
    from: /^src\/cli\/start\/options\.ts$/,
    to: /^src\/(?:isolation\/runners|domain\/gateway-token)\.ts$/,
    because:
      'list of runners and token are judged by one rule, and refused before a gateway would answer 503',
  },
  {
    from: /^sandbox-runner\//,
    to: /^src\/(?:isolation\/contract|egress\/(?:address|url))\.ts$/,
    because: 'the wire between gateway and runner, and the check of addresses, exist once',
  },
]

/** May name no platform: they run in workerd, in Node and in a test alike. */
const PURE = [
  'domain',
  'protocol',
  'crypto',
  'egress',
  'input',
  'output',
  'agent',
  'audit',
  'transport',
  'tools',
  'providers',
  'isolation',
  'telemetry',
  'api',
]
const PLATFORM = /^(?:cloudflare:|node:|drizzle-orm|@cloudflare\/)/

interface Import {
  readonly from: string
  /** A path from the root for a relative import, else the module's name. */
  readonly to: string
  readonly isTypeOnly: boolean
  readonly isRelative: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  /** Without comments and the contents of plain strings, for what is looked for by name. */
  readonly code: string
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1')

const withoutStrings = (text: string): string =>
  text.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")

const readSource = (path: string): Source => {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return { path, text, code: withoutStrings(withoutComments(text)) }
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?([^'";]*?)\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g

function importsOf({ path, text }: Source): readonly Import[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, type, names, ...targets]) => {
    const target = targets.find((found) => found !== undefined) ?? ''
    const isRelative = target.startsWith('.')
    const to = isRelative ? normalize(join(dirname(path), target)) : target
    const members = /^\{([^}]*)\}\s*$/.exec((names ?? '').trim())?.[1]?.split(',') ?? []
    const named = members.map((member) => member.trim()).filter((member) => member !== '')
    const isTypeOnly =
      type !== undefined ||
      (named.length > 0 && named.every((member) => member.startsWith('type ')))
    return { from: path, to, isTypeOnly, isRelative }
  })
}

const folderOf = (path: string): string => {
  const [top, folder = ''] = path.split('/')
  return top === 'src' ? folder.replace(/\.tsx?$/, '') : (top ?? '')
}

const SOURCES = [...filesUnder('src'), ...filesUnder('sandbox-runner')].map(readSource)
const IMPORTS = SOURCES.flatMap(importsOf)
const say = ({ from, to }: Import): string => `${from} → ${to}`

function isAllowed(edge: Import): boolean {
  const from = folderOf(edge.from)
  const to = folderOf(edge.to)
  if (from === to) return true
  if ((TABLE[from] ?? []).includes(to)) return true
  return EXCEPTIONS.some(
    (exception) =>
      exception.from.test(edge.from) &&
      exception.to.test(edge.to) &&
      (exception.types !== true || edge.isTypeOnly),
  )
}

/** Every group of files that lead to each other (Tarjan's strongly connected components). */
function cycles(edges: readonly Import[]): readonly (readonly string[])[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to])
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    low.set(file, index.get(file) ?? 0)
    stack.push(file)
    for (const target of next.get(file) ?? []) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) {
        low.set(file, Math.min(low.get(file) ?? 0, low.get(target) ?? 0))
      }
    }
    if (low.get(file) !== index.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1) found.push(group)
  }
  for (const file of next.keys()) if (!index.has(file)) visit(file)
  return found
}

/** A call of a `fetch` that is no member, and was neither a parameter nor an option of the file. */
function callsGlobalFetch(code: string): boolean {
  if (/\b(?:globalThis|self)\s*\.\s*fetch\b/.test(code)) return true
  const withoutMethods = code.replaceAll(/(?:override |async )*\bfetch\(\w+\??: Request\)/g, '')
  const isCalled = /(?<![.\w#])fetch\s*\(/.test(withoutMethods)
  const isHandedIn = /\bfetch\??\s*:|[{,]\s*fetch\s*[,}]|\bconst fetch =/.test(withoutMethods)
  return isCalled && !isHandedIn
}

const lines = (text: string): number => text.split('\n').length - 1

describe('imports', () => {
  it('are found at all, in every form in which they are written', () => {
    const text = [
      "import { a } from './a.ts'",
      "import type { B } from './b.ts'",
      "import { type C, type D } from './c.ts'",
      "import {\n  e,\n  type F,\n} from './d.ts'",
      "export { g } from './e.ts'",
      "import './f.ts'",
      "const h = await import('./g.ts')",
      "// import { x } from './no.ts'",
    ].join('\n')
    const found = importsOf({ path: 'src/x/x.ts', text, code: text })
    expect(found.map(({ to, isTypeOnly }) => [to.slice('src/x/'.length), isTypeOnly])).toEqual([
      ['a.ts', false],
      ['b.ts', true],
      ['c.ts', true],
      ['d.ts', false],
      ['e.ts', false],
      ['f.ts', false],
      ['g.ts', false],
    ])
    expect(IMPORTS.length).toBeGreaterThan(500)
  })

  it('keep to the table', () => {
    expect(IMPORTS.filter((edge) => edge.isRelative && !isAllowed(edge)).map(say)).toEqual([])
  })

  it('need every exception that the table makes', () => {
    const unused = EXCEPTIONS.filter(
      ({ from, to, because }) =>
        !because.startsWith('clients are') &&
        !IMPORTS.some((edge) => from.test(edge.from) && to.test(edge.to)),
    )
    expect(unused).toEqual([])
  })

  it('name every folder there is', () => {
    const folders = new Set(
      SOURCES.flatMap(({ path }) => (path.startsWith('src/') ? [folderOf(path)] : [])),
    )
    expect([...folders].filter((folder) => !(folder in TABLE))).toEqual([])
  })

  it('lead to files that exist, and never back', () => {
    const relative = IMPORTS.filter(({ isRelative }) => isRelative)
    expect(relative.filter(({ to }) => !existsSync(join(ROOT, to))).map(say)).toEqual([])
    expect(cycles(relative)).toEqual([])
  })

  it('reach objects/ from the entry alone', () => {
    const reaching = IMPORTS.filter(
      ({ from, to }) => to.startsWith('src/objects/') && folderOf(from) !== 'objects',
    )
    expect(new Set(reaching.map(({ from }) => from))).toEqual(new Set(['src/worker.ts']))
  })

  it('name no platform in pure folders', () => {
    const bound = IMPORTS.filter(
      ({ from, to }) => PURE.includes(folderOf(from)) && PLATFORM.test(to),
    )
    expect(bound.map(say)).toEqual([])
  })

  it('name Node in cli/ and the runner alone, and workerd in objects/ alone', () => {
    const stray = IMPORTS.filter(({ from, to }) => {
      if (to.startsWith('node:')) return !['cli', 'sandbox-runner'].includes(folderOf(from))
      if (to.startsWith('cloudflare:')) return folderOf(from) !== 'objects'
      return false
    })
    expect(stray.map(say)).toEqual([])
  })

  it('of SQL builders stay in db/', () => {
    const stray = IMPORTS.filter(
      ({ from, to }) => to.startsWith('drizzle-orm') && folderOf(from) !== 'db',
    )
    expect(stray.map(say)).toEqual([])
  })
})

describe('the bundle for the edge', () => {
  const worker = SOURCES.filter(({ path }) => /^src\/(?!cli\/|dashboard\/)/.test(path))
  const naming = (pattern: RegExp, isExempt: (path: string) => boolean): readonly string[] =>
    worker.filter(({ path, code }) => !isExempt(path) && pattern.test(code)).map(({ path }) => path)

  it('would not hide a call of the global fetch', () => {
    for (const hidden of ['await fetch(url)', 'globalThis.fetch(url)', 'void self . fetch(u)']) {
      expect(callsGlobalFetch(hidden), hidden).toBe(true)
    }
    const handedIn = [
      'const { fetch } = options\nawait fetch(url)',
      'function f(fetch: Fetch) { return fetch(url) }',
      'stub.fetch(request)',
      'override async fetch(request: Request): Promise<Response> {}',
    ]
    for (const given of handedIn) expect(callsGlobalFetch(given), given).toBe(false)
  })

  it('sends through its one door: the global fetch is named in two places', () => {
    const calls = worker.filter(
      ({ path, code }) =>
        !path.startsWith('src/egress/') &&
        path !== 'src/gateway/services.ts' &&
        callsGlobalFetch(code),
    )
    expect(calls.map(({ path }) => path)).toEqual([])
  })

  it('keeps cryptography in crypto/', () => {
    expect(naming(/\bcrypto\s*\.\s*subtle\b/, (path) => path.startsWith('src/crypto/'))).toEqual([])
  })

  it('draws its chance from the generator for secrets', () => {
    // The providers' back-off may take any number: nothing rests on it.
    expect(naming(/\bMath\.random\b/, (path) => path === 'src/providers/retry.ts')).toEqual([])
  })

  it('evaluates no text as code', () => {
    expect(naming(/(?<![.\w])eval\s*\(|\bnew Function\b/, () => false)).toEqual([])
  })
})

describe('files', () => {
  const owned = [...SOURCES, ...filesUnder('test').map(readSource)]

  it('can be read at once', () => {
    const long = owned.filter(({ text }) => lines(text) > MAX_LINES)
    expect(long.map(({ path, text }) => `${path}: ${lines(text)} lines`)).toEqual([])
  })

  it('are short as a rule', () => {
    const sorted = SOURCES.map(({ text }) => lines(text)).sort((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0
    console.log(
      `median of ${sorted.length} source files: ${median} lines, longest ${sorted.at(-1)}`,
    )
    expect(median).toBeLessThanOrEqual(MEDIAN_LINES)
  })

  it('open by saying what they are for', () => {
    const silent = SOURCES.filter(({ text }) => !/^(?:#![^\n]*\n)?\s*\/[*/]/.test(text))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('are named in kebab-case and by a noun of their own', () => {
    const names = SOURCES.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
    expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.tsx?$/.test(name))).toEqual(
      [],
    )
    expect(names.filter((name) => /^(?:utils?|helpers?|common|misc)\.tsx?$/.test(name))).toEqual([])
  })
})

describe('what is committed', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
  const texts = tracked.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

  it('names no registry: installing asks the one that is configured', () => {
    const registry = new RegExp(['registry', '[a-z.-]*(?:npm|yarn|node|mirror)'].join('\\.'), 'i')
    expect(texts.filter(({ text }) => registry.test(text)).map(({ path }) => path)).toEqual([])
    const lock = texts.find(({ path }) => path === 'package-lock.json')
    expect(lock?.text).not.toMatch(/"resolved": "https?:/)
  })

  it("names no path of anybody's machine", () => {
    // Written in two pieces, so that this file does not name them either.
    const paths = ['/wor' + 'k/', '/ho' + 'me/[a-z]+/', '/Us' + 'ers/[A-Za-z]+/']
    const machine = new RegExp(`(?<![\\w.-])(?:${paths.join('|')})`)
    expect(texts.filter(({ text }) => machine.test(text)).map(({ path }) => path)).toEqual([])
  })
})
