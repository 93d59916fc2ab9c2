/** Somebody is sent back from an issuer: nobody is signed in before they say that it is them. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, visit } from '../support/browser.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

let gateway: GatewayProcess
let browser: Browser

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
})

/** The exchange is answered in place of a gateway that trusts an issuer; the token is a good one. */
async function comeBack(): Promise<{ page: Page; ended: string[] }> {
  const { page } = await visit(browser, gateway.url)
  const ended: string[] = []
  const answered = {
    token: gateway.token,
    user_id: 'oidc:https://issuer.example:mallory',
    tenant_id: 'tnt_1',
    tenant_name: 'Elsewhere',
  }
  await page.route('**/v1/login/token', (route) => route.fulfill({ json: answered }))
  await page.route('**/v1/login-sessions/logout', async (route) => {
    ended.push(route.request().headers()['authorization'] ?? '')
    await route.fulfill({ json: { ok: true } })
  })
  await page.goto(`${gateway.url}/#signed-in`)
  return { page, ended }
}

const kept = (page: Page) => page.evaluate(() => sessionStorage.getItem('edgeclaw.token'))

describe('somebody who comes back from an issuer', () => {
  it('is asked who they are, and signed in once they say so', async () => {
    const { page, ended } = await comeBack()
    const question = page.getByRole('dialog', { name: 'Is this you?' })
    await question.getByText('oidc:https://issuer.example:mallory').waitFor()
    await question.getByText('Elsewhere').waitFor()
    expect([await kept(page), new URL(page.url()).hash]).toEqual([null, ''])
    await question.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    expect([await kept(page), ended]).toEqual([gateway.token, []])
  })

  it('is signed in as nobody when it is not them, and that session ends', async () => {
    const { page, ended } = await comeBack()
    await page.getByRole('button', { name: 'Not me' }).click()
    await page.getByLabel('Token').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => ended).toEqual([`Bearer ${gateway.token}`])
    expect(await kept(page)).toBeNull()
  })
})
