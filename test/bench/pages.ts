/**
 * How soon the dashboard can be used, and how long it is busy at a time while its longest lists scroll:
 * in Chromium against the gateway that `npm start` starts, beside an empty page in the same browser.
 */
import type { Browser, Page } from 'playwright-core'
import { openBrowser, settled, signIn, visit } from '../support/browser.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { LONG_LISTS, type LongList, startWithLongLists } from '../support/long-lists.ts'
import { scroll } from '../support/scrolling.ts'
import { type Summary, summarize } from './statistics.ts'

/** Steps of the wheel: some 1,400 rows, hence a page of the server after the other. */
const STEPS = 150

export interface ScrolledList {
  readonly list: LongList
  /** Of each time that it was scrolled. */
  readonly longestTasksMs: readonly number[]
}

export interface PageTimes {
  /** From the address to a first letter in the field of the sign-in. */
  readonly signInMs: Summary
  /** The same of a page of one line with one field, from the same gateway's address. */
  readonly emptyMs: Summary
  readonly lists: readonly ScrolledList[]
}

async function timesOf(rounds: number, act: () => Promise<void>): Promise<Summary> {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    await act()
    times.push(performance.now() - began)
  }
  return summarize(times)
}

const EMPTY = '/empty-page-of-the-bench'

async function openEmpty(page: Page, url: string): Promise<void> {
  await page.goto(url + EMPTY, { waitUntil: 'commit' })
  await page.getByLabel('Token').fill('x')
}

async function measureSignIn(browser: Browser, { url }: GatewayProcess, rounds: number) {
  // A context of its own each time would measure the start of a process of the browser as well.
  const { page, close } = await visit(browser, url)
  await page.route(`**${EMPTY}`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<label>Token<input></label>' }),
  )
  const emptyMs = await timesOf(rounds, () => openEmpty(page, url))
  const signInMs = await timesOf(rounds, async () => {
    await page.goto(url, { waitUntil: 'commit' })
    await page.getByLabel('Token').fill('x')
  })
  await close()
  return { emptyMs, signInMs }
}

async function measureList(
  browser: Browser,
  { url, token }: GatewayProcess,
  list: LongList,
  rounds: number,
): Promise<ScrolledList> {
  const longestTasksMs: number[] = []
  for (let i = 0; i < rounds; i++) {
    const { page, close } = await visit(browser, url)
    await signIn(page, url, token)
    await page.goto(`${url}/${list.path}`)
    await page.getByRole('table', { name: list.label }).waitFor()
    await settled(page)
    longestTasksMs.push((await scroll(page, list.label, STEPS)).longestTaskMs)
    await close()
  }
  return { list, longestTasksMs }
}

/** @param state an empty folder */
export async function measurePages(state: string, rounds: number): Promise<PageTimes> {
  const gateway = await startWithLongLists(state)
  try {
    const browser = await openBrowser()
    try {
      const opened = await measureSignIn(browser, gateway, rounds)
      const lists: ScrolledList[] = []
      for (const list of LONG_LISTS) lists.push(await measureList(browser, gateway, list, rounds))
      return { ...opened, lists }
    } finally {
      await browser.close()
    }
  } finally {
    await gateway.stop()
  }
}
