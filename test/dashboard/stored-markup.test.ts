/**
 * Markup that somebody stored in whatever they can fill — people, models, tools, channels, browsers —
 * is text on every page. The content security policy is off here: it is the second lock, not the first.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayClient, RefusedError } from '../../src/cli/client.ts'
import { DASHBOARD_PATHS } from '../../src/protocol/dashboard-paths.ts'
import { openBrowser, settled, signIn, type Visit, visit } from '../support/browser.ts'
import { letBrowsersAsk } from '../support/furnished-gateway.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

/** Each would say so when it ran. A marker in the text tells that it is shown at all. */
const MARKUP = [
  '"><img src=x onerror="window.owned=1">MARK',
  '<script>window.owned=1</script>MARK',
  '</textarea></title><svg onload="window.owned=1">MARK',
  "'-(window.owned=1)-'{{constructor.constructor('window.owned=1')()}}MARK",
] as const
const LINKS =
  '[MARK](javascript:window.owned=1) [MARK](data:text/html,<script>window.owned=1</script>)'

let gateway: GatewayProcess
let browser: Browser
let here: Visit
const chats: string[] = []
/** Parts of pages that show one thing whole. */
const deep: string[] = []

/** Planting goes faster than a caller may: whoever is told to wait does. */
async function patiently(act: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof RefusedError) || error.refusal.retryAfterMs === undefined) throw error
      await delay(error.refusal.retryAfterMs)
    }
  }
}

async function plant(client: GatewayClient): Promise<void> {
  const ask = (method: string, params: Record<string, unknown>) =>
    patiently(() => client.request(method, params))
  for (const [index, text] of MARKUP.entries()) {
    await ask('agents.create', { name: text, agent_key: `agent-${index}`, system_prompt: text })
    await ask('api_keys.create', { name: text, scopes: ['operator.read'] })
    await ask('invitations.create', { role: 'viewer', note: text })
    await ask('tenants.create', { name: text, slug: `tenant-${index}` })
    await ask('providers.create', {
      name: `provider-${index}`,
      provider_type: 'openai_compat',
      api_base: 'https://models.example/v1',
      api_key: 'made-up',
      display_name: text,
    })
    await ask('channels.instances.create', {
      name: `hooks-${index}`,
      display_name: text,
      channel_type: 'webhook',
      agent_id: 'default',
      credentials: { proof: 'bearer', secret: `secret-number-${index}-of-forty-characters` },
      config: { hooks: { done: {} } },
    })
    const { job } = (await ask('cron.create', {
      name: text,
      when: 'every 30m',
      message: text,
    })) as { job: { id: string } }
    await ask('mcp.servers.create', {
      name: `server-${index}`,
      display_name: text,
      url: 'https://mcp.example/mcp',
    })
    const head = `---\nname: skill-${index}\ndescription: One of them.\n---\n`
    await ask('skills.create', {
      skill_md: `${head}${text}`,
      files: [{ path: 'more.md', content: text }],
    })
    await ask('tools.custom.create', {
      name: `custom_tool_${index}`,
      kind: 'http',
      description: text,
      origin: 'https://tickets.example',
      parameters: { type: 'object', properties: { a: { type: 'string', description: text } } },
    })
    deep.push(
      `schedules/${job.id}`,
      `mcp-servers/server-${index}`,
      `skills/skill-${index}`,
      `skills/skill-${index}?file=more.md`,
      `custom-tools/custom_tool_${index}`,
    )
    // A name of a browser has no blanks; for a reader of markup a slash is as good.
    await ask('device.pair.request', { senderId: text.replaceAll(' ', '/') })
    // The demo model repeats what it is told; a tool's output and a file's name say it again.
    const sessionKey = `agent:default:ws:direct:markup-${index}`
    chats.push(sessionKey)
    const file = `${text.replaceAll(/[/:]/g, '').slice(0, 60)}.txt`
    await ask('chat.send', { sessionKey, message: `${text}\n\n${LINKS}` })
    await ask('chat.send', {
      sessionKey,
      message: `write: ${file}: ${text}\nread: ${file}\nread: ${text}`,
    })
    await ask('sessions.patch', { sessionKey, label: text })
    // A browser's own words, and a path that is nobody's: both end in the log of events.
    await fetch(`${gateway.url}/v1/agents`, {
      headers: {
        authorization: `Bearer ec_${'x'.repeat(43)}`,
        'user-agent': text.replaceAll('\n', ' '),
      },
    })
  }
}

beforeAll(async () => {
  ;[gateway, browser] = await Promise.all([
    startGatewayProcess({ args: ['--no-runner'] }),
    openBrowser(),
  ])
  const client = await gateway.connect()
  await letBrowsersAsk(client)
  await plant(client)
  client.close()
  here = await visit(browser, gateway.url, { bypassCSP: true })
  await signIn(here.page, gateway.url, gateway.token)
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
})

/** Opens whatever folds, and looks. */
async function look(path: string): Promise<string> {
  const { page } = here
  await page.goto(`${gateway.url}/${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true
  })
  const found = await page.evaluate(() => ({
    isOwned: 'owned' in window,
    foreign: [...document.querySelectorAll('img[src="x"], svg[onload], [onerror], [onload]')]
      .length,
    links: [...document.querySelectorAll('a')]
      .map(({ href }) => href)
      .filter((href) => /^(?:javascript|data|vbscript):/i.test(href)),
    scripts: [...document.scripts].filter(({ textContent }) => textContent?.includes('owned'))
      .length,
  }))
  expect(found, path).toEqual({ isOwned: false, foreign: 0, links: [], scripts: 0 })
  return page.locator('body').innerText()
}

describe('markup that was stored', () => {
  it('is text on every page', async () => {
    const shows: string[] = []
    for (const path of ['', ...DASHBOARD_PATHS])
      if ((await look(path)).includes('MARK')) shows.push(path)
    // Pages that show none of it would prove nothing.
    expect(shows).toEqual(
      expect.arrayContaining([
        'chat',
        'sessions',
        'schedules',
        'agents',
        'channels',
        'mcp-servers',
        'custom-tools',
        'keys',
        'people',
        'traces',
      ]),
    )
    expect(here.complaints.filter((each) => !each.startsWith('error'))).toEqual([])
  })

  it('is text in conversations, their tools and their files', async () => {
    for (const key of chats) expect(await look(`chat/${encodeURIComponent(key)}`)).toContain('MARK')
  })

  it('is text where one thing is shown whole', async () => {
    for (const path of deep) expect(await look(path), path).toContain('MARK')
  })

  it('is text where an address repeats it', async () => {
    const [first] = MARKUP
    for (const path of [
      `agents/${encodeURIComponent(first)}`,
      `chat/${encodeURIComponent(`agent:default:ws:direct:${first}`)}`,
      `traces/${encodeURIComponent(first)}`,
      `channels/${encodeURIComponent(first)}`,
      `schedules/${encodeURIComponent(first)}`,
      `mcp-servers/${encodeURIComponent(first)}`,
      `skills/${encodeURIComponent(first)}`,
      `run-hooks/${encodeURIComponent(first)}`,
      `custom-tools/${encodeURIComponent(first)}`,
      `security?tab=${encodeURIComponent(first)}`,
      `sessions?search=${encodeURIComponent(first)}`,
    ])
      await look(path)
  })
})
