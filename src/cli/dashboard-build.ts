/** The dashboard's pages, built once for each state of their sources and copied to wherever a build goes. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ASSETS_FOLDER } from './bundle.ts'
import { CliFailure } from './failure.ts'
import { filesUnder } from './inputs.ts'
import { DIST, ROOT } from './root.ts'

const DASHBOARD = 'src/dashboard'
const VITE_CONFIG = 'vite.config.ts'
const INPUTS = [
  DASHBOARD,
  'src/protocol',
  'src/cli/dashboard-build.ts',
  VITE_CONFIG,
  'package-lock.json',
]
/** Beside the pages, not among them: nobody is served it. */
const MARK = 'dashboard.inputs'

function hashDashboard(): string {
  const hash = createHash('sha256')
  for (const path of INPUTS.flatMap((input) => filesUnder(input, []))) {
    const bytes = readFileSync(resolve(ROOT, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

const markIn = (out: string): string | null => {
  const file = resolve(out, MARK)
  const isThere = existsSync(file) && existsSync(resolve(out, ASSETS_FOLDER, 'index.html'))
  return isThere ? readFileSync(file, 'utf8') : null
}

/** @throws CliFailure with what the bundler says. */
export async function buildDashboard(out: string): Promise<void> {
  const inputs = hashDashboard()
  if (markIn(DIST) !== inputs) await bundle(inputs)
  if (resolve(out) === DIST || markIn(out) === inputs) return
  const folder = resolve(out, ASSETS_FOLDER)
  rmSync(folder, { recursive: true, force: true })
  cpSync(resolve(DIST, ASSETS_FOLDER), folder, { recursive: true })
  writeFileSync(resolve(out, MARK), inputs)
}

/** Vite is loaded only where something has changed: it costs `npm start` a second otherwise. */
async function bundle(inputs: string): Promise<void> {
  const { build } = await import('vite')
  const folder = resolve(DIST, ASSETS_FOLDER)
  mkdirSync(folder, { recursive: true })
  // A build that is killed leaves pages of nobody knows which sources: they are marked as none.
  rmSync(resolve(DIST, MARK), { force: true })
  // Vite lets a NODE_ENV that is set decide, and React's development build is twice the weight and asks twice.
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await build({
      configFile: resolve(ROOT, VITE_CONFIG),
      logLevel: 'error',
      build: { outDir: folder },
    })
  } catch (error) {
    throw new CliFailure(`the dashboard could not be built\n${String(error)}`)
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
  writeFileSync(resolve(DIST, MARK), inputs)
}
