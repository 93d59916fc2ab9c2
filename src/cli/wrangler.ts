/** Runs the pinned wrangler, silent about itself: no banner, no update check, no metrics. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { DIST, ROOT } from './root.ts'

export interface WranglerResult {
  readonly code: number
  readonly output: string
}

const WRANGLER = resolve(ROOT, 'node_modules/wrangler/bin/wrangler.js')

/** @param isShown hands its output to the terminal, and its questions; else it is collected. */
export function runWrangler(args: readonly string[], isShown = false): Promise<WranglerResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [WRANGLER, ...args], {
      cwd: ROOT,
      stdio: isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_SEND_ERROR_REPORTS: 'false',
        WRANGLER_HIDE_BANNER: 'true',
        WRANGLER_LOG_PATH: resolve(DIST, 'wrangler-logs'),
      },
    })
    let output = ''
    const collect = (bytes: Buffer) => {
      output += bytes.toString('utf8')
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}
