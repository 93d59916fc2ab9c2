/** Every page, as it looks: light and dark, wide and narrow, for readers of the page as well. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DASHBOARD_PATHS } from '../../src/protocol/dashboard-paths.ts'
import {
  axeViolations,
  docPicture,
  openBrowser,
  pictureFile,
  settled,
  signIn,
  type Visit,
  visit,
} from '../support/browser.ts'
import { furnish } from '../support/furnished-gateway.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

const WIDTHS = [1280, 390] as const
const THEMES = ['light', 'dark'] as const
/** Deep links beside the pages themselves. */
const PICTURES: Readonly<Record<string, string>> = {
  'overview-light-1280': 'overview',
  'chat-session-light-1280': 'chat',
  'agent-tools-light-1280': 'agent',
  'trace-light-1280': 'trace',
  'chat-session-dark-390': 'chat-dark-narrow',
}
const ADDRESSES: readonly string[] = ['', ...DASHBOARD_PATHS]

let gateway: GatewayProcess
let browser: Browser
let deep: readonly (readonly [name: string, path: string])[]

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
  deep = await furnish(gateway)
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
})

describe.each(THEMES)('in %s', (colorScheme) => {
  describe.each(WIDTHS)('%i pixels wide', (width) => {
    let here: Visit
    beforeAll(async () => {
      here = await visit(browser, gateway.url, { colorScheme, viewport: { width, height: 800 } })
      await signIn(here.page, gateway.url, gateway.token)
    })
    afterAll(() => here?.close())

    const isMainView = (colorScheme === 'light') === (width === 1280)
    const look = async (name: string, path: string) => {
      const { page, complaints } = here
      await page.goto(`${gateway.url}/${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await settled(page)
      await page.screenshot({ path: pictureFile(`${name}-${colorScheme}-${width}`) })
      const picture = PICTURES[`${name}-${colorScheme}-${width}`]
      if (picture !== undefined) await docPicture(page, picture)
      const { width: beyond, height: below } = await page.evaluate(() => {
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement
        return { width: scrollWidth - clientWidth, height: scrollHeight - clientHeight }
      })
      expect(beyond, 'pixels beyond the edge').toBeLessThanOrEqual(0)
      expect(below, 'pixels that scroll beside the page').toBeLessThanOrEqual(0)
      // Contrast is a matter of the theme, what is there one of the width: both halves are seen once.
      if (isMainView) expect(await axeViolations(page)).toEqual([])
      expect(complaints).toEqual([])
    }

    it.each(ADDRESSES)('/%s is whole, fits, and can be read by everybody', (path) =>
      look(path || 'overview', path),
    )

    // Parts of pages that are seen above already: each width and each theme once.
    if (isMainView)
      it('so are the deep links', async () => {
        for (const [name, path] of deep) await look(name, path)
      })
  })
})

describe('signed out', () => {
  it.each(THEMES)('the sign-in can be read by everybody in %s', async (colorScheme) => {
    const { page, complaints, close } = await visit(browser, gateway.url, { colorScheme })
    await page.goto(`${gateway.url}/agents`)
    await page.getByLabel('Token').waitFor()
    await page.screenshot({ path: pictureFile(`sign-in-${colorScheme}-1280`) })
    expect(await axeViolations(page)).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })
})
