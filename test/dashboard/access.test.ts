/** Who gets in, what each sees, and how they are let out again: in a real browser on a real gateway. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { openBrowser, settled, signIn, type Visit, visit } from '../support/browser.ts'
import { letBrowsersAsk } from '../support/furnished-gateway.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

let gateway: GatewayProcess
let browser: Browser
let admin: GatewayClient
const visits: Visit[] = []
/** As long as the browser itself waits for what is to appear. */
const SOON = { timeout: 15_000 }

const person = async (): Promise<Page> => {
  const opened = await visit(browser, gateway.url)
  visits.push(opened)
  return opened.page
}

const signedIn = async (token: string): Promise<Page> => {
  const page = await person()
  await signIn(page, gateway.url, token)
  return page
}

const ask = (method: string, params: Record<string, unknown>) =>
  admin.request(method, params) as Promise<Record<string, string>>

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
  admin = await gateway.connect()
  await letBrowsersAsk(admin)
})
afterAll(async () => {
  const complaints = visits.flatMap((each) => each.complaints)
  admin?.close()
  await browser?.close()
  await gateway?.stop()
  expect(complaints).toEqual([])
})

describe('a token', () => {
  it('that is wrong lets nobody in, and the page says so', async () => {
    const page = await person()
    await page.goto(gateway.url)
    await page.getByLabel('Token').fill(`ect_${'W'.repeat(43)}`)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
  })

  it('that is right opens the overview, and lives in this tab alone', async () => {
    const page = await signedIn(gateway.token)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    expect(await page.evaluate(() => Object.values(sessionStorage))).toEqual([gateway.token])
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(gateway.token)
    expect(page.url()).not.toContain(gateway.token)
    expect(await page.content()).not.toContain(gateway.token)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
  })

  it('is still there after a reload, at the page one looked at', async () => {
    const page = await signedIn(gateway.token)
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor()
  })
})

describe('an API key', () => {
  it('is made, shown once, used, and revoked under whoever uses it', async () => {
    const page = await signedIn(gateway.token)
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'Create key' }).first().click()
    const form = page.getByRole('dialog', { name: 'Create a key' })
    await form.getByLabel('Name').fill('passing <b>guest</b>')
    await form.getByRole('button', { name: 'Create key' }).click()
    const shown = page.getByRole('status').filter({ hasText: 'is shown this once' })
    const key = (await shown.locator('code').textContent()) ?? ''
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await shown.waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain(key)

    const guest = await signedIn(key)
    await guest.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'passing <b>guest</b>' })
    await row.getByRole('button', { name: 'Revoke' }).click()
    const question = page.getByRole('alertdialog')
    await question.getByText('passing <b>guest</b>').waitFor()
    const began = performance.now()
    await question.getByRole('button', { name: 'Revoke' }).click()
    await guest.getByLabel('Token').waitFor()
    // One second after the answer, and what a busy machine adds to a click.
    expect(performance.now() - began).toBeLessThan(5_000)
    await row.getByText('revoked').waitFor()
  })
})

describe('a browser that nobody knows', () => {
  it('shows a code, and is let in by an admin who is told it', async () => {
    const stranger = await person()
    await stranger.goto(gateway.url)
    await stranger.getByRole('button', { name: 'Ask an admin' }).click()
    const code = stranger.getByText(/^[A-HJ-NP-Z2-9]{8}$/)
    const told = (await code.textContent()) ?? ''

    const page = await signedIn(gateway.token)
    await page.getByRole('link', { name: 'Devices' }).click()
    const row = page.getByRole('row').filter({ hasText: told })
    await row.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Let in' }).click()
    await stranger.getByRole('navigation', { name: 'Pages' }).waitFor()

    await page.getByRole('button', { name: 'End' }).first().click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'End it' }).click()
    await stranger.getByLabel('Token').waitFor()
  })
})

describe('a viewer', () => {
  it('sees no page and no button of what they may not do, and is refused it anyway', async () => {
    const { key = '' } = await ask('api_keys.create', { name: 'eyes', scopes: ['operator.read'] })
    await ask('agents.create', { name: 'Looked at', agent_key: 'looked-at' })
    const page = await signedIn(key)
    const pages = page.getByRole('navigation', { name: 'Pages' })
    await pages.getByRole('link', { name: 'Agents' }).click()
    await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor()
    const agent = page
      .getByRole('table', { name: 'Agents' })
      .getByRole('link', { name: 'Looked at' })
    await agent.waitFor()
    expect(await page.getByRole('button', { name: 'Create agent' }).count()).toBe(0)
    await agent.click()
    await page.getByText('You may look at this agent, not change it.').waitFor()
    expect(await page.getByRole('button', { name: 'Delete agent' }).count()).toBe(0)
    for (const name of ['API keys', 'Devices', 'Security', 'Logs', 'Configuration'])
      expect(await pages.getByRole('link', { name }).count(), name).toBe(0)
    // Whoever types the address meets the gateway's own refusal.
    await page.goto(`${gateway.url}/keys`)
    await page.getByRole('alert').getByText('You may not see this').waitFor()
  })
})

describe('the operator of the gateway', () => {
  it('looks into another tenant, and comes back', async () => {
    await ask('tenants.create', { name: 'Visited', slug: 'visited' })
    const page = await signedIn(gateway.token)
    await page.getByRole('link', { name: 'People and tenants' }).click()
    const row = page.getByRole('row').filter({ hasText: 'visited' })
    await row.getByRole('button', { name: 'Go there' }).click()
    await page.getByText('Who belongs to Visited').waitFor()
    await page.getByRole('button', { name: 'Back to yours' }).click()
    await page.getByText('Who belongs to Default').waitFor()
  })
})

describe('another tenant', () => {
  it('sees nothing of this one, on no page', async () => {
    const canary = 'canary-of-the-first-tenant'
    await ask('agents.create', { name: canary, agent_key: canary })
    await ask('chat.send', { sessionKey: `agent:default:ws:direct:${canary}`, message: canary })
    await ask('invitations.create', { role: 'viewer', note: canary })
    await ask('api_keys.create', { name: canary, scopes: ['operator.read'] })
    await ask('tenants.users.add', { user_id: canary, role: 'viewer' })
    const { id: tenant_id } = await ask('tenants.create', { name: 'Other', slug: 'other' })
    await ask('tenants.users.add', { tenant_id, user_id: 'olga', role: 'owner' })
    const scopes = ['operator.admin']
    const { key = '' } = await ask('api_keys.create', {
      tenant_id,
      owner_id: 'olga',
      name: 'o',
      scopes,
    })
    const page = await signedIn(key)
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
    const names = await links.allTextContents()
    expect(names.length).toBeGreaterThan(10)
    for (const [index] of names.entries()) {
      await links.nth(index).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await settled(page)
      expect(await page.content(), names[index]).not.toContain(canary)
    }
    await page.goto(`${gateway.url}/agents/${canary}`)
    await page.getByRole('alert').getByText('This is not there').waitFor()
    const talk = `${gateway.url}/chat/agent%3Adefault%3Aws%3Adirect%3A${canary}`
    await page.goto(talk)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await settled(page)
    const said = async (who: Page) =>
      (await who.getByRole('main').getByText(canary).allTextContents()).filter(
        (text) => text === canary,
      )
    expect(await said(page)).toEqual([])
    // Where nobody saw it, that the other one does not would prove nothing.
    const own = await signedIn(gateway.token)
    for (const name of ['Agents', 'API keys', 'People and tenants']) {
      const main = own.getByRole('main')
      await own
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name, exact: true })
        .click()
      await own.getByRole('heading', { level: 1, name }).waitFor()
      await expect.poll(() => main.innerText(), { message: name, ...SOON }).toContain(canary)
    }
    await own.goto(talk)
    await expect.poll(() => said(own), SOON).not.toEqual([])
  })
})
