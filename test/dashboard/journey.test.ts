/** From an empty gateway to an answer, a tool that needs a human, a changed rule, a trace and a full stop. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { docPicture, settled } from '../support/browser.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { type Desk, openDesk } from '../support/open-desk.ts'

const ASKS = 'agent:careful:ws:direct:asks'
const hasDocker = process.env['EDGECLAW_TEST_DOCKER'] === '1'

let desk: Desk
let gateway: GatewayProcess
let admin: GatewayClient
let page: Page

const open = async (name: string): Promise<void> => {
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name, exact: true })
    .click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}

const say = async (text: string): Promise<void> => {
  await page.getByLabel('Message').fill(text)
  await page.getByLabel('Message').press('Enter')
}

beforeAll(async () => {
  desk = await openDesk(hasDocker ? [] : ['--no-runner'])
  ;({ gateway, admin, page } = desk)
})
afterAll(() => desk?.close())

describe('the first steps', () => {
  it('lead to an answered message, and are in nobody’s way', async () => {
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await open('Agents')
    await open('Overview')
    await page.getByRole('link', { name: 'Open the chat' }).click()
    await say('hello there')
    await page.getByRole('main').getByText('hello there').nth(1).waitFor()
    await open('Overview')
    await page.getByRole('heading', { name: 'Say hello (done)' }).waitFor()
    await page.getByRole('button', { name: 'Put away' }).click()
    await page.reload()
    await page.getByRole('button', { name: /^First steps: / }).waitFor()
  })
})

describe('a tool call that needs a human', () => {
  it('is shown exactly, waits, and runs once it is allowed', async () => {
    await admin.request('agents.create', {
      name: 'Careful',
      agent_key: 'careful',
      settings: { exec_approval: { security: 'full', ask: 'always' } },
    })
    await page.goto(`${gateway.url}/chat/${encodeURIComponent(ASKS)}`)
    await say('run: echo approved-by-a-human')
    const question = page.getByRole('article', { name: /^Approval of exec/ })
    await question.getByText('echo approved-by-a-human').first().waitFor()
    await question.getByRole('button', { name: 'Allow once' }).click()
    await question.waitFor({ state: 'detached' })
    const history = async (): Promise<string> =>
      JSON.stringify(await admin.request('chat.history', { sessionKey: ASKS }))
    const outcome = hasDocker ? 'approved-by-a-human\\n' : 'sandbox'
    await expect.poll(history, { timeout: 60_000 }).toContain(outcome)
    if (hasDocker) await page.getByRole('main').getByText('approved-by-a-human').nth(1).waitFor()
  }, 120_000)

  it('is refused by the keyboard on the page of approvals', async () => {
    const sessionKey = 'agent:careful:ws:direct:denied'
    const sent = admin.request('chat.send', { sessionKey, message: 'run: echo no' }).then(
      () => 'answered',
      (error: unknown) => String(error),
    )
    await open('Approvals')
    const question = page.getByRole('article', { name: /^Approval of exec/ })
    await question.getByText('echo no').first().waitFor()
    await docPicture(page, 'approvals')
    // Nothing is chosen by itself, and what came just now takes no answer yet.
    await page.keyboard.press('d')
    await page.locator('[role=group][aria-disabled=false]').filter({ has: question }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('d')
    await question.waitFor({ state: 'detached' })
    expect(await sent).toBe('answered')
    const history = JSON.stringify(await admin.request('chat.history', { sessionKey }))
    expect(history).toContain('A human looked at this call of exec and denied it')
  })
})

describe('a deny group', () => {
  const judge = async (): Promise<string> => {
    await page.getByRole('textbox', { name: 'Command' }).fill('env')
    await page.getByRole('button', { name: 'Judge' }).click()
    const verdict = page.getByRole('status', { name: 'Verdict' })
    await verdict.waitFor()
    return verdict.innerText()
  }

  it('that is switched off lets the command through, and at once', async () => {
    await page.goto(`${gateway.url}/agents/default?tab=tools`)
    await settled(page)
    expect(await judge()).toContain('It would be refused')
    await page.getByRole('switch', { name: 'Deny: Reading the environment' }).click()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await settled(page)
    await expect.poll(judge, { timeout: 15_000 }).toContain('It would run')
  })
})

describe('a trace', () => {
  it('shows how a run went', async () => {
    await open('Traces')
    await page.getByRole('table', { name: 'Traces' }).getByRole('link').first().click()
    await page
      .getByText(/^invoke_agent/)
      .first()
      .waitFor()
    await page
      .getByText(/^chat demo/)
      .first()
      .waitFor()
  })
})

describe('the emergency stop', () => {
  it('stops what runs, says so on every page, and is released', async () => {
    await page.goto(`${gateway.url}/security?tab=stop`)
    await settled(page)
    await page.getByLabel('Reason').fill('a drill')
    await page.getByRole('button', { name: /^Stop/ }).click()
    const question = page.getByRole('alertdialog')
    await question.getByRole('button', { name: /^Stop/ }).click()
    const banner = page.getByRole('alert').filter({ hasText: 'Emergency stop' })
    await banner.getByText('a drill').waitFor()
    await open('Chat')
    await banner.waitFor()
    await expect(
      admin.request('chat.send', { sessionKey: 'agent:default:ws:direct:stopped', message: 'hi' }),
    ).rejects.toThrow()
    await page.goto(`${gateway.url}/security?tab=stop`)
    await page.getByRole('button', { name: /^Release/ }).click()
    await page
      .getByRole('alertdialog')
      .getByRole('button', { name: /^Release/ })
      .click()
    await banner.waitFor({ state: 'detached' })
    await admin.request('chat.send', {
      sessionKey: 'agent:default:ws:direct:goes-on',
      message: 'hi',
    })
  })
})
