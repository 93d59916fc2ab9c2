/** Calls that wait for an answer: none is given where something else stood a moment ago. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { type Desk, openDesk } from '../support/open-desk.ts'

/** As many runs as a person has at once. */
const CALLS = 4

let desk: Desk
let gateway: GatewayProcess
let admin: GatewayClient
let page: Page

beforeAll(async () => {
  desk = await openDesk()
  ;({ gateway, admin, page } = desk)
  await admin.request('agents.create', {
    name: 'Careful',
    agent_key: 'careful',
    settings: { exec_approval: { security: 'full', ask: 'always' } },
  })
})
afterAll(() => desk?.close())

const cards = () => page.getByRole('article', { name: /^Approval of exec/ })
const pending = async (): Promise<number> => {
  const listed = await admin.request('exec.approval.list', {})
  return (listed as { readonly pending: readonly unknown[] }).pending.length
}
/** Those that take no answer yet. */
const unsettled = () => page.locator('[role=group][aria-disabled=true]').first()

/** Where a press on it goes, by the pointer alone. */
async function placeOfDeny(nth: number): Promise<{ x: number; y: number }> {
  const box = await cards().nth(nth).getByRole('button', { name: 'Deny' }).boundingBox()
  if (!box) throw new Error('it is not to be seen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** A banner comes above the list, as that of an emergency stop would; answers how far that moved it. */
const banner = (height: number) =>
  page.evaluate((px) => {
    const list = document.querySelector('ol[aria-label="Waiting calls"]')
    const before = list?.getBoundingClientRect().top ?? 0
    const added = document.createElement('div')
    added.style.height = `${px}px`
    document.querySelector('main h1')?.before(added)
    return (list?.getBoundingClientRect().top ?? 0) - before
  }, height)

describe('a press on an answer', () => {
  it('counts nothing where a banner above the list has moved it, until it was seen there', async () => {
    for (let nth = 0; nth < CALLS; nth++) {
      const sessionKey = `agent:careful:ws:direct:moved-${nth}`
      admin.request('chat.send', { sessionKey, message: `run: echo ${nth}` }).catch(() => undefined)
    }
    await page.goto(`${gateway.url}/approvals`)
    await cards()
      .nth(CALLS - 1)
      .waitFor()
    await unsettled().waitFor({ state: 'detached' })
    expect(await banner(60)).toBe(60)
    const { x, y } = await placeOfDeny(0)
    await page.mouse.click(x, y)
    await page.getByText('Something moved here just now').first().waitFor()
    expect(await pending()).toBe(CALLS)
    await unsettled().waitFor({ state: 'detached' })
    await page.mouse.click(x, y)
    await expect.poll(pending).toBe(CALLS - 1)
  })

  it('counts where the reader has scrolled it', async () => {
    await page.goto(`${gateway.url}/approvals`)
    await cards()
      .nth(CALLS - 2)
      .waitFor()
    await unsettled().waitFor({ state: 'detached' })
    const before = await placeOfDeny(1)
    await page.mouse.move(before.x, before.y)
    await page.mouse.wheel(0, 80)
    await expect.poll(async () => (await placeOfDeny(1)).y).toBeLessThan(before.y)
    const { x, y } = await placeOfDeny(1)
    await page.mouse.click(x, y)
    await expect.poll(pending).toBe(CALLS - 2)
  })
})
