/** A gateway of its own with whoever owns it signed in to the dashboard: how a story in the browser begins. */
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { openBrowser, signIn, visit } from './browser.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'

export interface Desk {
  readonly gateway: GatewayProcess
  readonly browser: Browser
  /** The owner's own connection, beside the page. */
  readonly admin: GatewayClient
  readonly page: Page
  /** Fails when the browser complained of anything. */
  readonly close: () => Promise<void>
}

export async function openDesk(args: readonly string[] = ['--no-runner']): Promise<Desk> {
  const [gateway, browser] = await Promise.all([startGatewayProcess({ args }), openBrowser()])
  const close = async () => {
    await browser.close()
    await gateway.stop()
  }
  try {
    const admin = await gateway.connect()
    const { page, complaints } = await visit(browser, gateway.url)
    await signIn(page, gateway.url, gateway.token)
    return {
      gateway,
      browser,
      admin,
      page,
      close: async () => {
        admin.close()
        await close()
        expect(complaints).toEqual([])
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
