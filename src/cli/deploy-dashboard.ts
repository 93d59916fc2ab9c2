/**
 * `npm run deploy:dashboard`: the same pages that the gateway serves, for Cloudflare Pages. They are
 * told which gateway they speak to, and may speak to no other.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cacheControlOf, dashboardHeaders } from '../protocol/dashboard-headers.ts'
import { ASSETS_FOLDER } from './bundle.ts'
import { buildDashboard } from './dashboard-build.ts'
import { CliFailure, runMain, usageFailure } from './failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from './flags.ts'
import { DIST } from './root.ts'
import { paletteFor } from './terminal.ts'
import { runWrangler } from './wrangler.ts'

const PAGES_FLAGS: readonly FlagSpec[] = [
  { name: 'gateway', value: 'URL', help: 'the gateway that the pages speak to (required)' },
  { name: 'project', value: 'NAME', help: 'the Pages project (default edgeclaw-dashboard)' },
  { name: 'dry-run', help: 'make the pages in dist/pages, upload nothing; works offline' },
]

const HELP = `npm run deploy:dashboard -- --gateway https://gateway.example [flags]

Puts the dashboard on Cloudflare Pages. The gateway must know its origin: set
EDGECLAW_ALLOWED_ORIGINS there to the address that Pages gives it.

${describeFlags(PAGES_FLAGS)}
`

export const PAGES_FOLDER = resolve(DIST, 'pages')
const DEFAULT_PROJECT = 'edgeclaw-dashboard'
const GATEWAY_META = '<meta name="edgeclaw-gateway" content="">'

/** Only an origin: with a path or a query it would not be what a header allows. */
export function gatewayOriginOf(text: string | undefined): string {
  const url = URL.parse(text ?? '')
  const isLocal = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost'
  const isHttp = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)
  if (url === null || !isHttp || url.username !== '' || url.pathname !== '/' || url.search !== '')
    throw usageFailure('--gateway: the https:// address of your gateway, without a path')
  return url.origin
}

/** In the format of Cloudflare Pages (`_headers`, Pages documentation). */
export function headersFile(gateway: string): string {
  const lines = dashboardHeaders(gateway).map(([name, value]) => `  ${name}: ${value}`)
  return `/*\n${lines.join('\n')}\n\n/assets/*\n  cache-control: ${cacheControlOf('/assets/')}\n`
}

/**
 * Where there is no `404.html`, Pages answers every address that is no file with the page itself, so that
 * deep links need no rule; one that named `/index.html` would lead in a circle, and is ignored.
 */
export async function makePages(gateway: string, folder = PAGES_FOLDER): Promise<void> {
  await buildDashboard(DIST)
  rmSync(folder, { recursive: true, force: true })
  cpSync(resolve(DIST, ASSETS_FOLDER), folder, { recursive: true })
  const index = resolve(folder, 'index.html')
  const page = readFileSync(index, 'utf8')
  if (!page.includes(GATEWAY_META)) throw new CliFailure('index.html has no place for the gateway')
  writeFileSync(index, page.replace(GATEWAY_META, GATEWAY_META.replace('""', `"${gateway}"`)))
  writeFileSync(resolve(folder, '_headers'), headersFile(gateway))
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags(process.argv.slice(2), PAGES_FLAGS)
  if (values.has('help')) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length > 0) throw new CliFailure(`unexpected argument ${positionals[0]}`)
  const gateway = gatewayOriginOf(values.get('gateway'))
  const { green, cyan } = paletteFor(process.stdout)
  await makePages(gateway)
  process.stdout.write(`${green('made')} dist/pages for ${gateway}\n`)
  if (values.has('dry-run')) return 0
  const project = values.get('project') ?? DEFAULT_PROJECT
  process.stdout.write(`${cyan('▸')} pages deploy to ${project}\n`)
  const { code } = await runWrangler(
    ['pages', 'deploy', PAGES_FOLDER, '--project-name', project],
    true,
  )
  if (code !== 0) throw new CliFailure('the upload failed; wrangler says why above')
  process.stdout.write(
    'Set EDGECLAW_ALLOWED_ORIGINS of the gateway to the address above, and deploy it again.\n',
  )
  return 0
}

if (import.meta.main) await runMain(main)
