/** Bundles the MCP client to `dist/eval/mcp-client.mjs`, which Node runs on an address. */
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..', '..')

/** @returns the file's path */
export async function bundleMcpClient(): Promise<string> {
  const outfile = join(ROOT, 'dist', 'eval', 'mcp-client.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'mcp-client.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // What the Worker gets, so that the same code is judged.
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'warning',
  })
  return outfile
}
