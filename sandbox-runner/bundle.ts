/**
 * Bundles the runner into `dist/`: three files that need Node and nothing else, and the texts
 * they read, laid out as here. `npm run runner:bundle [-- FOLDER]`
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { SUPERVISOR_FILES } from './src/launcher/supervisor-text.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const target = process.argv[2] ?? `${here}dist`

rmSync(target, { recursive: true, force: true })
mkdirSync(`${target}/src/launcher`, { recursive: true })
await build({
  entryPoints: {
    main: `${here}src/main.ts`,
    'launcher/main': `${here}src/launcher/main.ts`,
    'front/main': `${here}src/front/main.ts`,
  },
  outdir: `${target}/src`,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  // CommonJS inside the bundle asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
for (const name of SUPERVISOR_FILES) {
  cpSync(`${here}src/launcher/${name}`, `${target}/src/launcher/${name}`)
}
cpSync(`${here}src/front/install.sh`, `${target}/src/front/install.sh`)
cpSync(`${here}seccomp.json`, `${target}/seccomp.json`)
