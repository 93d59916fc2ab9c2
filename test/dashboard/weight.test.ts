/** How much is loaded and drawn, counted; how long it takes is measured by `npm run bench -- pages`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, settled, signIn, visit } from '../support/browser.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { LONG_LISTS, startWithLongLists } from '../support/long-lists.ts'
import { STEP_PX, scroll } from '../support/scrolling.ts'

const MAX_SCRIPT_BYTES = 250 * 1024
/** Of DataList. */
const ROW_PX = 44
const MAX_ROWS = 120
const STEPS = 150

interface Frame {
  readonly id?: string
  readonly method?: string
  readonly params?: { readonly cursor?: string | null }
}

let gateway: GatewayProcess
let browser: Browser

const state = mkdtempSync(join(tmpdir(), 'edgeclaw-many-'))

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([startWithLongLists(state), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  rmSync(state, { recursive: true, force: true })
})

/** Gzipped bytes of all scripts that the page asks for while `act` goes on. */
async function scriptBytes(page: Page, act: () => Promise<void>): Promise<number> {
  // By address: what is asked for a second time comes from the browser's own cache.
  const bodies = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.endsWith('.js')) bodies.set(pathname, response.body())
  })
  await act()
  const sizes = (await Promise.all(bodies.values())).map((body) => gzipSync(body).length)
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('what is loaded', () => {
  it('for the sign-in and a conversation is at most 250 KB of script', async () => {
    const { page, close } = await visit(browser, gateway.url)
    const bytes = await scriptBytes(page, async () => {
      await signIn(page, gateway.url, gateway.token, '/chat')
      await page.getByLabel('Message').fill('**hello**')
      await page.getByLabel('Message').press('Enter')
      // The reader of markdown is there as soon as something of it is drawn.
      const answer = page.getByRole('article', { name: 'Answer of the agent' })
      await answer.locator('strong', { hasText: 'hello' }).waitFor()
      await settled(page)
    })
    console.log(`sign-in and chat: ${(bytes / 1024).toFixed(1)} KB of script, gzipped`)
    expect(bytes).toBeLessThan(MAX_SCRIPT_BYTES)
    await close()
  })
})

describe('long lists', () => {
  it.each(LONG_LISTS)(
    '$label, of which there are $rows, draw only the rows that come into sight',
    async ({ label, path }) => {
      const { page, close } = await visit(browser, gateway.url)
      await signIn(page, gateway.url, gateway.token)
      await page.goto(`${gateway.url}/${path}`)
      await page.getByRole('table', { name: label }).waitFor()
      await settled(page)
      const { rowsDrawn } = await scroll(page, label, STEPS)
      const passed = (STEPS * STEP_PX) / ROW_PX
      expect(rowsDrawn, 'the list was scrolled').toBeGreaterThan(100)
      expect(rowsDrawn, 'rows drawn while it scrolled').toBeLessThanOrEqual(passed + MAX_ROWS)
      expect(await page.getByRole('row').count(), 'rows in the page').toBeLessThan(MAX_ROWS)
      await close()
    },
  )

  it('ask once for a page that cannot be read, and again when somebody says so', async () => {
    const { page, close } = await visit(browser, gateway.url)
    let isBroken = true
    let asked = 0
    await page.routeWebSocket(/\/ws$/, (client) => {
      const server = client.connectToServer()
      client.onMessage((text) => {
        const frame = JSON.parse(String(text)) as Frame
        const isFurther = frame.method === 'sessions.list' && frame.params?.cursor != null
        if (isFurther) asked++
        if (!isFurther || !isBroken) return server.send(text)
        const error = { code: 'INTERNAL', message: 'The list is broken.' }
        client.send(JSON.stringify({ type: 'res', id: frame.id, ok: false, error }))
      })
    })
    await signIn(page, gateway.url, gateway.token, '/sessions')
    const list = page.getByRole('table', { name: 'Sessions' })
    await list.waitFor()
    await scroll(page, 'Sessions', STEPS)
    await page.getByText('The list is broken.').waitFor()
    await scroll(page, 'Sessions', STEPS)
    expect(asked).toBe(1)
    isBroken = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The list is broken.').waitFor({ state: 'detached' })
    expect(asked).toBe(2)
    await close()
  })
})
