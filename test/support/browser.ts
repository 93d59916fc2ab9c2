/** A real Chromium on the dashboard of a gateway, as a person would have it open. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type { Browser, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core'
import { ROOT } from '../../src/cli/root.ts'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Null where there is none. */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): string | null =>
  [env['EDGECLAW_CHROMIUM'] ?? '', ...CANDIDATES].find((path) => existsSync(path)) ?? null

/** Nothing of its own accord goes out, and it runs as root in a container. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('there is no Chromium: apt-get install chromium')
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** Pictures of a run, for whoever wants to look: `dist/screenshots`. */
export function pictureFile(name: string): string {
  const file = resolve(ROOT, 'dist/screenshots', `${name}.png`)
  mkdirSync(dirname(file), { recursive: true })
  return file
}

/** One of docs/dashboard.md: made anew only when it is asked for, since a picture differs by its clock. */
export async function docPicture(page: Page, name: string): Promise<void> {
  if (process.env['EDGECLAW_DOC_PICTURES'] !== '1') return
  await page.screenshot({ path: resolve(ROOT, 'docs/images', `${name}.png`) })
}

export interface Visit {
  readonly page: Page
  /** What the browser complained of, and every request that left for another origin. */
  readonly complaints: readonly string[]
  readonly close: () => Promise<void>
}

/** A refusal by the gateway is shown on the page; the browser's own line about it is no complaint. */
const isComplaint = (message: ConsoleMessage): boolean =>
  ['error', 'warning'].includes(message.type()) &&
  !/Failed to load resource: .*(?:401|403|404|412|429)|WebSocket connection to/.test(message.text())

/** A person of their own: nothing is shared with other visits. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (isComplaint(message)) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(url).origin)
      complaints.push(`request to ${request.url()}`)
  })
  return { page, complaints, close: () => context.close() }
}

/** As a person does: the token into its field, and the button. */
export async function signIn(page: Page, url: string, token: string, path = '/'): Promise<void> {
  await page.goto(`${url}${path}`)
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page
    .getByRole('navigation', { name: 'Pages' })
    .or(page.getByRole('button', { name: 'Menu' }))
    .first()
    .waitFor()
}

/** Whatever is on the page has come: no spinner turns, and no picture is half drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      ![...document.querySelectorAll('[role=status]')].some((each) =>
        each.textContent?.endsWith('…'),
      ),
  )
  // What a page loads when it is first drawn: the reader of markdown, a chart.
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

/** Each violation of WCAG 2.2 A and AA in one line; empty when there is none. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Evaluated over the debugger's door, which the page's policy does not concern.
  await page.evaluate(AXE)
  const result = await page.evaluate(
    (): Promise<AxeResult> =>
      (
        globalThis as unknown as { axe: { run(on: Document, with_: object): Promise<AxeResult> } }
      ).axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }),
  )
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${html.slice(0, 200)} ${failureSummary.split('\n')[1] ?? ''}`,
    ),
  )
}
