/**
 * `npm run deploy`: bundle, database migrations, upload. Migrations come first and only ever add,
 * so that the code which still runs meanwhile keeps working. Secrets are not touched.
 */
import { resolve } from 'node:path'
import { build, formatBuild } from './build.ts'
import { WORKER_FOLDER } from './bundle.ts'
import { CliFailure, runMain } from './failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from './flags.ts'
import { CONFIG_FILE, defaultBuild } from './inputs.ts'
import { paletteFor, toPlainText } from './terminal.ts'
import { runWrangler } from './wrangler.ts'

const DEPLOY_FLAGS: readonly FlagSpec[] = [
  { name: 'dry-run', help: 'build and check everything, upload nothing; works offline' },
]

const HELP = `npm run deploy -- [flags]

Builds the Worker, creates what it needs in your Cloudflare account if it is missing (a D1 database,
an R2 bucket, a queue), applies the database migrations and uploads. Log in first: npx wrangler login.

${describeFlags(DEPLOY_FLAGS)}
`

const DATABASE = 'edgeclaw'
/** Without these the deployed gateway answers 503 and names them. */
const SECRETS = ['EDGECLAW_TOKEN', 'EDGECLAW_ENCRYPTION_KEY'] as const

/** What the Worker is bound to: how to see whether it exists, and how to make it. */
const RESOURCES = [
  { what: 'D1 database', look: ['d1', 'info', DATABASE], make: ['d1', 'create', DATABASE] },
  {
    what: 'R2 bucket',
    look: ['r2', 'bucket', 'info', 'edgeclaw-blobs'],
    make: ['r2', 'bucket', 'create', 'edgeclaw-blobs'],
  },
  {
    what: 'queue',
    look: ['queues', 'info', 'edgeclaw-wake'],
    make: ['queues', 'create', 'edgeclaw-wake'],
  },
] as const

const withConfig = (args: readonly string[]) => [...args, '--config', CONFIG_FILE]

function step(text: string): void {
  process.stdout.write(`${paletteFor(process.stdout).cyan('▸')} ${text}\n`)
}

async function must(args: readonly string[], failure: string): Promise<void> {
  const { code } = await runWrangler(withConfig(args), true)
  if (code !== 0) throw new CliFailure(failure)
}

async function ensureResources(): Promise<void> {
  for (const { what, look, make } of RESOURCES) {
    const { code } = await runWrangler(withConfig(look))
    if (code === 0) continue
    step(`create the ${what}`)
    await must(make, `the ${what} could not be created; wrangler says why above`)
  }
}

async function warnOfMissingSecrets(): Promise<void> {
  const { code, output } = await runWrangler(withConfig(['secret', 'list', '--format', 'json']))
  const missing = SECRETS.filter((name) => code !== 0 || !output.includes(`"${name}"`))
  if (missing.length === 0) return
  const { yellow } = paletteFor(process.stdout)
  const commands = missing.map((name) => `  npx wrangler secret put ${name}`).join('\n')
  process.stdout.write(`${yellow('The gateway answers 503 until these are set:')}\n${commands}\n`)
}

/** Exactly the file that `npm start` hosts and the tests ran: nothing is bundled a second time. */
const upload = [
  'deploy',
  resolve(defaultBuild.out, WORKER_FOLDER, 'worker.js'),
  '--no-bundle',
  '--no-minify',
]

async function dryRun(): Promise<number> {
  const { code, output } = await runWrangler(withConfig([...upload, '--dry-run']))
  const plain = toPlainText(output).trim()
  if (code !== 0) throw new CliFailure(`the dry run failed\n${plain}`)
  process.stdout.write(`${plain}\n`)
  return 0
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags(process.argv.slice(2), DEPLOY_FLAGS)
  if (values.has('help')) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length > 0) throw new CliFailure(`unexpected argument ${positionals[0]}`)
  step('build')
  process.stdout.write(formatBuild(await build(defaultBuild), defaultBuild, null))
  if (values.has('dry-run')) {
    step('deploy (dry run)')
    return dryRun()
  }
  const { code } = await runWrangler(['whoami'])
  if (code !== 0) throw new CliFailure('wrangler is not logged in: npx wrangler login')
  await ensureResources()
  step('database migrations')
  await must(
    ['d1', 'migrations', 'apply', DATABASE, '--remote'],
    'the migrations failed; nothing was uploaded',
  )
  step('deploy')
  await must(upload, 'the upload failed; wrangler says why above')
  await warnOfMissingSecrets()
  return 0
}

await runMain(main)
