/**
 * dist/eval/adapter.mjs: the gates as plain ESM for Node, for whoever scores them. Written anew by
 * every `npm run build`, since it takes a moment and no manifest speaks of it; no bundle holds it.
 */
import { resolve } from 'node:path'
import { ROOT } from './root.ts'

const ADAPTER = 'test/eval/adapter.ts'
const ADAPTER_BUNDLE = 'eval/adapter.mjs'

export async function bundleAdapter(out: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({
    absWorkingDir: ROOT,
    entryPoints: [ADAPTER],
    outfile: resolve(out, ADAPTER_BUNDLE),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
}
