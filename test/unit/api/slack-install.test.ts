import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handoverOf } from '../../../src/gateway/mcp/callback.ts'
import { serveSlack, slackWorld } from '../../support/channels/slack.ts'
import type { WireServer } from '../../support/channels/wire-server.ts'
import { openChannels } from '../gateway/channels/world.ts'
import { bearer, TOKEN, useQuietLog } from '../gateway/world.ts'
import { asked, type Caller, call } from './control.ts'

const lines = useQuietLog()
const CODE = 'the-code-of-slack'
let slack: WireServer

beforeEach(async () => {
  slack = await serveSlack(slackWorld({ codes: new Set([CODE]) }))
})
afterEach(() => slack[Symbol.asyncDispose]())

async function open() {
  const { world, tenant, snapshot } = await openChannels()
  const owner: Caller = { credential: bearer(TOKEN), claims: { tenant } }
  const adam: Caller = { credential: bearer(TOKEN), claims: { tenant, userId: 'adam' } }
  const app = {
    name: 'team',
    agent_id: 'default',
    client_id: slackWorld().client.id,
    client_secret: slackWorld().client.secret,
    signing_secret: 'canary-signing-secret',
    config: { api_base_url: slack.url, allow_private_network: true },
  }
  const begin = async (): Promise<string> => {
    const { authorization_url: url } = await asked(world, owner, 'channels.slack.install', app)
    return new URL(String(url)).searchParams.get('state') ?? ''
  }
  const end = (state: string, by = owner) =>
    call(world, by, 'channels.slack.installed', {
      code: handoverOf({ state, code: CODE, iss: null }),
    })
  return { world, owner, adam, app, begin, end, snapshot }
}

describe('an installation in Slack', () => {
  it('is begun at Slack’s own page, and ends in a channel of the workspace', async () => {
    const { begin, end, snapshot } = await open()
    const answer = await end(await begin())
    expect(answer).toMatchObject({
      ok: true,
      value: { channel: { name: 'team', channel_type: 'slack', credentials: { all: '***' } } },
    })
    expect((await snapshot()).channelInstances).toMatchObject([{ name: 'team', enabled: true }])
    expect(JSON.stringify([answer, lines])).not.toMatch(/canary|xoxb|the-code/)
  })

  it('is ended once, by whoever began it, and by what the page showed', async () => {
    const { begin, end, adam, snapshot } = await open()
    const state = await begin()
    // Somebody lured into installing gives nothing to whoever lured them, nor the other way round.
    expect(await end(state, adam)).toMatchObject({ ok: false })
    expect(await end(`${state.slice(0, -1)}x`)).toMatchObject({ ok: false })
    expect(await end(state)).toMatchObject({ ok: true })
    expect(await end(state)).toMatchObject({ ok: false })
    expect((await snapshot()).channelInstances).toHaveLength(1)
  })

  it('goes to an address of somebody’s own only for an owner of the gateway', async () => {
    const { world, adam, app } = await open()
    const answer = await call(world, adam, 'channels.slack.install', app)
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED' } })
    expect(slack.calls).toEqual([])
  })

  it('leaves no channel where Slack refuses the code', async () => {
    const { begin, end, snapshot } = await open()
    const state = await begin()
    slack.answerNext({ status: 200, json: { ok: false, error: 'invalid_code' } })
    expect(await end(state)).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
    expect((await snapshot()).channelInstances).toEqual([])
  })
})
