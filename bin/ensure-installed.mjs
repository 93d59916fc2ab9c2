// Installs the pinned dependencies when node_modules does not match the lock file. Runs on the
// system's Node (>= 20), before node_modules/.bin/node exists, so it uses nothing but the core.
// "Matches" is judged by content: copies and checkouts keep old times.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Package path → version, of everything that npm should have (or has) put in place. */
function lockedVersions(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'))
  return Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.optional)
}

function isInstalled() {
  const installed = `${root}node_modules/.package-lock.json`
  if (!existsSync(installed)) return false
  const present = new Map(lockedVersions(installed))
  return lockedVersions(`${root}package-lock.json`).every(
    ([path, entry]) => present.get(path)?.version === entry.version,
  )
}

if (!isInstalled()) {
  console.error('edgeclaw: installing dependencies (once) …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) {
    console.error('edgeclaw: npm ci failed; the lines above say why')
    process.exit(status ?? 1)
  }
}
