import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  exchangeSlackCode,
  SLACK_BOT_SCOPES,
  slackAuthorizeUrl,
} from '../../../../src/channels/slack/oauth.ts'
import {
  SLACK_APP,
  SLACK_BOT,
  SLACK_TEAM,
  serveSlack,
  slackWorld,
} from '../../../support/channels/slack.ts'

const redirectUri = 'https://gateway.example/slack/installed?x=1&y=2'

async function setUp(scope = SLACK_BOT_SCOPES.join(',')) {
  const world = slackWorld({ codes: new Set(['good']), scope })
  const server = await serveSlack(world)
  const { id: clientId, secret: clientSecret } = world.client
  const exchange = (changes: Readonly<Record<string, string>> = {}) =>
    exchangeSlackCode({
      fetch,
      baseUrl: server.url,
      clientId,
      clientSecret,
      code: 'good',
      redirectUri,
      ...changes,
    })
  return { world, server, exchange }
}

describe('installing the app in a workspace', () => {
  it('begins at Slack, with what the channel needs and a state', () => {
    const url = new URL(slackAuthorizeUrl({ clientId: '1.2', redirectUri, state: 'a&b=c' }))
    expect(url.origin + url.pathname).toBe('https://slack.com/oauth/v2/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: '1.2',
      scope: SLACK_BOT_SCOPES.join(','),
      redirect_uri: redirectUri,
      state: 'a&b=c',
    })
  })

  it('asks for the scopes that the manifest in the documentation has', () => {
    const docs = readFileSync('docs/channels/slack.md', 'utf8')
    const [, listed = ''] = /"bot": \[([^\]]*)\]/.exec(docs) ?? []
    const scopes = [...listed.matchAll(/"([^"]+)"/g)].map(([, scope]) => scope)
    expect(scopes).toEqual([...SLACK_BOT_SCOPES])
  })

  it('ends with the token of the bot, its id and its workspace', async () => {
    const { server, world, exchange } = await setUp()
    await using _ = server
    expect(await exchange()).toEqual({
      ok: true,
      value: {
        botToken: world.botToken,
        botUserId: SLACK_BOT.user_id,
        appId: SLACK_APP,
        teamId: SLACK_TEAM,
        teamName: 'Team',
        missingScopes: [],
      },
    })
    expect(server.calls[0]?.text).toContain(
      new URLSearchParams({ redirect_uri: redirectUri }).toString(),
    )
  })

  it('takes a code once, and from nobody who lacks the secret', async () => {
    const { server, exchange } = await setUp()
    await using _ = server
    const forged = await exchange({ clientSecret: 'another-secret' })
    expect(forged).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(JSON.stringify(forged)).not.toContain('another-secret')
    expect(await exchange()).toMatchObject({ ok: true })
    expect(await exchange()).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })

  it('tells which scopes were not granted', async () => {
    const { server, exchange } = await setUp('chat:write,commands')
    await using _ = server
    const got = await exchange()
    expect(got).toMatchObject({ ok: true })
    expect(got.ok && got.value.missingScopes).toEqual(
      SLACK_BOT_SCOPES.filter((scope) => !['chat:write', 'commands'].includes(scope)),
    )
  })

  it('is refused for a whole organisation, and without a bot', async () => {
    const { server, exchange } = await setUp()
    await using _ = server
    const grant = {
      ok: true,
      app_id: SLACK_APP,
      token_type: 'bot',
      access_token: 'xoxb-of-nobody',
      scope: 'chat:write',
      bot_user_id: SLACK_BOT.user_id,
      team: { id: SLACK_TEAM, name: 'Team' },
    }
    for (const changed of [
      { team: null },
      { is_enterprise_install: true },
      { token_type: 'user' },
    ]) {
      server.answerNext({ status: 200, json: { ...grant, ...changed } })
      const got = await exchange()
      expect(got, JSON.stringify(changed)).toMatchObject({ ok: false, error: { kind: 'refused' } })
      expect(JSON.stringify(got)).not.toContain('xoxb')
    }
  })
})
