/** The block that `npm start` prints once, ending in the line that scripts wait for. */
import { type Palette, toRows } from '../terminal.ts'

export interface Banner {
  readonly version: string
  readonly url: string
  readonly stateDir: string
  /** Null in development mode. */
  readonly token: string | null
  /** At a first start with a terminal; else null. */
  readonly pairingCode: string | null
  readonly sandbox: string
  readonly isSandboxOff: boolean
  /** What to type after `npm run chat -- ` besides the message, e.g. `--state DIR`. */
  readonly chatFlags: string
}

export function formatBanner(banner: Banner, palette: Palette): string {
  const { bold, cyan, yellow, dim } = palette
  const message = banner.isSandboxOff ? 'hello' : 'run: id'
  const rows: (readonly [string, string])[] = [
    ['Gateway', cyan(banner.url)],
    ['Dashboard', cyan(`${banner.url}/`)],
    ['Token', banner.token ?? yellow('none: development mode, every local caller is admin')],
    ...(banner.pairingCode === null
      ? []
      : [['Pairing code', `${banner.pairingCode} once, within ten minutes: POST /pair`] as const]),
    ['Sandbox', banner.isSandboxOff ? yellow(banner.sandbox) : banner.sandbox],
    ['State', banner.stateDir],
    ['Try', bold(`npm run chat -- ${banner.chatFlags}"${message}"`)],
  ]
  return `\n  ${bold('EdgeClaw')} ${dim(banner.version)}\n\n${toRows(rows, palette)}\n\n`
}

export const readyLine = (url: string): string => `ready ${url}\n`
