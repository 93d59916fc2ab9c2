/** The dashboard's build. Everything it loads comes from its own origin: no font, script or style of others. */
import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const GATEWAY = process.env['EDGECLAW_URL'] ?? 'http://127.0.0.1:8787'

/** What Phosphor calls the ways in which each icon is drawn; the pages and Kumo use the others. */
const UNUSED_WEIGHTS = /\[\s*"(?:thin|light|duotone)",/g

/**
 * Each icon comes in six weights, of which half are drawn nowhere: they would be a tenth of what a
 * sign-in loads. An entry that cannot be told is left as it is.
 */
const usedIconWeights = (): Plugin => ({
  name: 'used-icon-weights',
  transform(code, id) {
    if (!/@phosphor-icons\/react\/dist\/defs\/\w+\.es\.js$/.test(id)) return null
    let kept = code
    for (const { 0: head, index } of [...code.matchAll(UNUSED_WEIGHTS)].reverse()) {
      const end = closingBracket(kept, index)
      if (end < 0) throw new Error(`${id}: ${head} has no end`)
      kept = kept.slice(0, index) + kept.slice(end + 1).replace(/^,/, '')
    }
    return { code: kept, map: null }
  },
})

/** Paths of icons hold no brackets and no quotes: counting is enough. */
function closingBracket(code: string, from: number): number {
  let depth = 0
  for (let at = from; at < code.length; at++) {
    if (code[at] === '[') depth++
    if (code[at] === ']' && --depth === 0) return at
  }
  return -1
}

export default defineConfig({
  root: resolve(import.meta.dirname, 'src/dashboard'),
  plugins: [usedIconWeights(), react(), tailwindcss()],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    // A page that inlines nothing needs no exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npm run dev:dashboard`: pages from here, everything else from a gateway that runs.
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/v1', '/ws', '/health', '/pair'].map((path) => [path, { target: GATEWAY, ws: true }]),
    ),
  },
})
