/** The dashboard's build. Everything it loads comes from its own origin: no font, script or style of others. */
import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const GATEWAY = process.env['EDGECLAW_URL'] ?? 'http://127.0.0.1:8787'

export default defineConfig({
  root: resolve(import.meta.dirname, 'src/dashboard'),
  plugins: [react(), tailwindcss()],
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
