/** Connecting a channel as an admin does: by the wizard, then with what it showed. */
import type { Browser } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { openBrowser, settled, signIn, type Visit, visit } from '../support/browser.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

let gateway: GatewayProcess
let browser: Browser
let admin: GatewayClient
let here: Visit

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
  admin = await gateway.connect()
  here = await visit(browser, gateway.url)
  await signIn(here.page, gateway.url, gateway.token)
})
afterAll(async () => {
  admin?.close()
  await browser?.close()
  await gateway?.stop()
})

describe('a hook', () => {
  it('is connected by the wizard, and takes a call that is signed with what it showed', async () => {
    const { page } = here
    await page.getByRole('link', { name: 'Channels' }).click()
    await page.getByRole('button', { name: 'Connect channel' }).first().click()
    const wizard = page.getByRole('dialog').filter({ hasText: 'Connect' })
    await wizard.getByRole('button', { name: /^Hooks/ }).click()
    await wizard.getByLabel('Name', { exact: true }).fill('ci')
    await wizard.getByLabel('Proof').selectOption('standard')
    const secret = await wizard.getByLabel('Secret').inputValue()
    await wizard.getByLabel('First hook').fill('build-done')
    await wizard.getByLabel('What the agent is told').fill('A build has ended.')
    await wizard.getByRole('button', { name: 'Connect', exact: true }).click()
    const step = page.getByText(/^Your program posts to /)
    const address = /\bhttp\S+\/build-done\b/.exec(await step.innerText())?.[0] ?? ''

    const body = JSON.stringify({ build: 17, state: 'failed' })
    const now = new Date()
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'msg_17',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign('msg_17', now, body),
    }
    expect((await fetch(address, { method: 'POST', headers, body })).status).toBe(200)
    const forged = { ...headers, 'webhook-id': 'msg_18' }
    expect((await fetch(address, { method: 'POST', headers: forged, body })).status).toBe(401)
    const channels = async (): Promise<string> =>
      JSON.stringify(await admin.request('sessions.list', {}))
    await expect.poll(channels, { timeout: 20_000 }).toContain('"channel":"webhook"')
  })

  it('is found among the sessions by its platform', async () => {
    const { page } = here
    await page.getByRole('link', { name: 'Test and settings' }).waitFor()
    const other = await visit(browser, gateway.url)
    await signIn(other.page, gateway.url, gateway.token, '/sessions')
    await other.page.getByLabel('Channel').selectOption('webhook')
    await other.page.getByRole('status').getByText('1 session').waitFor()
    await other.page.getByLabel('Channel').selectOption('cron')
    await other.page.getByText('No session matches').waitFor()
    await other.close()
    await page.bringToFront()
  })

  it('has its settings on its page, and what is no JSON is refused there', async () => {
    const { page, complaints } = here
    await page.getByRole('link', { name: 'Test and settings' }).click()
    const hooks = page.getByLabel('Hooks as JSON')
    expect(JSON.parse(await hooks.inputValue())).toEqual({
      'build-done': { message: 'A build has ended.' },
    })
    await hooks.fill('{"build-done": }')
    await page.getByRole('button', { name: 'Save hooks' }).click()
    await page.getByRole('alert').getByText('not JSON').waitFor()
    await hooks.fill('{"build-done": {}, "other": {"message": "Look."}}')
    await page.getByRole('button', { name: 'Save hooks' }).click()
    await page.getByText('The hooks are in force').waitFor()
    expect(complaints).toEqual([])
  })

  it('takes what others save into a form that nobody edited, and overwrites nothing from another', async () => {
    const { page, complaints } = here
    const asked = { id: 'ci' }
    const stored = async () =>
      (await admin.request('channels.instances.get', asked)) as { config: { hooks?: unknown } }
    const { config } = await stored()
    const save = (hooks: object) =>
      admin.request('channels.instances.update', { ...asked, config: { ...config, hooks } })
    const hooks = page.getByLabel('Hooks as JSON')
    await save({ theirs: {} })
    // What is done here reads the channel anew.
    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('button', { name: 'Switch on' }).waitFor()
    await expect.poll(() => hooks.inputValue()).toContain('theirs')
    await hooks.fill('{"mine": {}}')
    await save({ later: {} })
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('button', { name: 'Switch off' }).waitFor()
    await page.getByRole('button', { name: 'Save hooks' }).click()
    const refused = page.getByRole('main').getByRole('alert')
    await refused.waitFor()
    await settled(page)
    expect([await refused.count(), await hooks.inputValue()]).toEqual([1, '{"mine": {}}'])
    expect((await stored()).config.hooks).toEqual({ later: {} })
    expect(complaints).toEqual([])
  })
})

describe('a stranger who asks to be let in', () => {
  const secret = 'a_webhook-Secret7_of_24_letters'
  /** Nobody listens there: what the channel says in return is not what this is about. */
  const config = { api_base_url: 'http://127.0.0.1:9', allow_private_network: true }

  it('is let in after a question that names them, and not by a press alone', async () => {
    const credentials = { bot_token: `7000001:${'Ab1'.repeat(12)}`, webhook_secret: secret }
    const asked = { name: 'tg', channel_type: 'telegram', agent_id: 'default', credentials, config }
    const { id } = (await admin.request('channels.instances.create', asked)) as { id: string }
    const from = { id: 4_242, is_bot: false, first_name: 'Anna' }
    const chat = { id: 4_242, type: 'private', first_name: 'Anna' }
    const date = Math.floor(Date.now() / 1_000)
    const message = { message_id: 17, from, chat, date, text: 'hello' }
    const delivered = await fetch(`${gateway.url}/channels/telegram/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify({ update_id: 1, message }),
    })
    expect(delivered.status).toBe(200)
    const there = await visit(browser, gateway.url)
    await signIn(there.page, gateway.url, gateway.token, `/channels/${id}`)
    const row = there.page.getByRole('row').filter({ hasText: '4242' })
    const question = there.page.getByRole('alertdialog').filter({ hasText: 'Let Anna in?' })
    await row.getByRole('button', { name: 'Let in' }).click()
    await question.getByText('4242').waitFor()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(JSON.stringify(await admin.request('channel.pair.list', {}))).toContain('"pending"')
    await row.getByRole('button', { name: 'Let in' }).click()
    await question.getByRole('button', { name: 'Let in' }).click()
    await row.getByText('let in', { exact: true }).waitFor()
    await there.close()
  })
})
