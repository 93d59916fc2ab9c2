/** A conversation as somebody has it in front of them: streaming, tools, links, and a gateway that dies. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, signIn, type Visit, visit } from '../support/browser.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'
import { type GatedVendor, startGatedOpenai } from '../support/vendors/gated-openai.ts'

let gateway: GatewayProcess
let browser: Browser
let vendor: GatedVendor
const visits: Visit[] = []

const signedIn = async (): Promise<Page> => {
  const opened = await visit(browser, gateway.url)
  visits.push(opened)
  await signIn(opened.page, gateway.url, gateway.token)
  return opened.page
}

const say = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel('Message').fill(text)
  await page.getByLabel('Message').press('Enter')
}

beforeAll(async () => {
  vendor = await startGatedOpenai()
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
  const client = await gateway.connect()
  await client.request('providers.create', {
    name: 'gated',
    provider_type: 'openai_compat',
    api_base: vendor.url,
    api_key: 'not-a-real-key',
    allow_private_network: true,
  })
  await client.request('agents.create', {
    name: 'Gated',
    agent_key: 'gated',
    provider: 'gated',
    model: 'made-up',
  })
  client.close()
})
afterAll(async () => {
  const complaints = visits.flatMap(({ complaints: each }) => each)
  await browser?.close()
  await gateway?.stop()
  await vendor?.close()
  expect(complaints).toEqual([])
})

describe('a message', () => {
  it('is answered by the demo agent, and the tools are shown with what they did', async () => {
    const page = await signedIn()
    await page.getByRole('link', { name: 'Chat' }).click()
    await say(page, 'write: hello.txt: good morning\nread: hello.txt')
    const main = page.getByRole('main')
    await main.getByText('write_file').first().waitFor()
    await main.getByText('read_file').first().waitFor()
    await expect.poll(() => page.url()).toContain('/chat/agent')
    await page.reload()
    await main.getByText('read_file').first().waitFor()
  })

  it('with markup of its own runs nothing, and asks no other origin for a picture', async () => {
    const page = await signedIn()
    await page.goto(`${gateway.url}/chat/${encodeURIComponent('agent:gated:ws:direct:markup')}`)
    await say(page, '<img src=x onerror="document.title=\'owned\'">')
    const call = await vendor.next()
    call.answer({
      text: [
        '![pixel](https://tracker.example/pixel.png)',
        '<script>document.title="owned"</script><img src=x onerror=alert(1)>',
        '[click](javascript:document.title=1) [ok](https://example.com/)',
        '- [x] read\n- [ ] written',
      ].join('\n\n'),
    })
    await page.getByRole('link', { name: 'ok', exact: true }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'done: ' }).waitFor()
    expect(await page.getByRole('main').innerText()).not.toContain('[x]')
    expect(await page.title()).not.toContain('owned')
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
    const link = page.getByRole('link', { name: 'ok', exact: true })
    expect(await link.getAttribute('rel')).toContain('noopener')
  })
})

describe('a run that comes to no answer', () => {
  it('says how it ended, and why, when the conversation is opened again as well', async () => {
    const admin = await gateway.connect()
    const agent = { name: 'Mute', agent_key: 'mute', provider: 'nobody', model: 'made-up' }
    const nobody = { name: 'nobody', provider_type: 'openai_compat', allow_private_network: true }
    // The discard service: nothing listens there.
    await admin.request('providers.create', { ...nobody, api_base: 'http://127.0.0.1:9/v1' })
    await admin.request('agents.create', agent)
    admin.close()
    const page = await signedIn()
    const open = (key: string) => page.goto(`${gateway.url}/chat/${encodeURIComponent(key)}`)
    await open('agent:gated:ws:direct:stopped')
    await say(page, 'think for long')
    await vendor.next()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('The run was stopped.').waitFor()
    await page.reload()
    await page.getByText('The run was stopped.').waitFor()
    await open('agent:mute:ws:direct:failed')
    await say(page, 'say something')
    const failed = page.getByRole('log').getByText('The run failed').locator('..')
    await failed.waitFor()
    const said = await failed.innerText()
    await page.reload()
    await expect.poll(() => failed.innerText()).toBe(said)
  })
})

describe('a gateway that is killed in mid-stream', () => {
  it('loses no text and repeats none', async () => {
    const page = await signedIn()
    await page.goto(`${gateway.url}/chat/${encodeURIComponent('agent:gated:ws:direct:killed')}`)
    await say(page, 'count for me')
    const first = await vendor.next()
    for (const word of ['alpha ', 'beta ', 'gamma ']) first.say(word)
    const main = page.getByRole('main')
    await main.getByText('gamma').waitFor()
    const killed = gateway.killWorkerd()
    await gateway.restarted(killed)
    // The run goes on under the gateway that came after: its model is asked again.
    const second = await vendor.next()
    for (const word of ['alpha ', 'beta ', 'gamma ']) second.say(word)
    second.answer({ text: 'delta omega' })
    await main.getByText('omega').waitFor()
    await page.waitForFunction(() => !document.body.textContent?.includes('Connecting again'))
    const shown = (await main.innerText()).replaceAll(/\s+/g, ' ')
    expect(shown.match(/alpha beta gamma delta omega/g)).toHaveLength(1)
    expect(shown.match(/alpha/g)).toHaveLength(1)
    expect(shown.match(/count for me/g)).toHaveLength(1)
    await page.reload()
    await main.getByText('omega').waitFor()
    const stored = (await main.innerText()).replaceAll(/\s+/g, ' ')
    expect(stored.match(/alpha beta gamma delta omega/g)).toHaveLength(1)
  })
})
