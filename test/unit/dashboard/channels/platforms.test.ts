import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { platformOf } from '../../../../src/dashboard/pages/channels/platforms.ts'

interface Manifest {
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } }
  readonly settings: { readonly event_subscriptions: { readonly bot_events: readonly string[] } }
}

const wordsOf = (steps: readonly string[]): readonly string[] =>
  steps.join(' ').match(/[a-z_]+[.:][a-z_]+(?:[.:][a-z_]+)*|app_mention\b/g) ?? []

it('the wizard asks Slack for what the manifest of its page asks for, and for no more', () => {
  const page = readFileSync(new URL('../../../../docs/channels/slack.md', import.meta.url), 'utf8')
  const manifest: Manifest = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '{}')
  const slack = platformOf('slack')
  const isScope = (word: string): boolean => word.includes(':') || word === 'commands'
  const said = wordsOf([...(slack?.before ?? []), ...(slack?.after ?? [])])
  const { bot } = manifest.oauth_config.scopes
  expect(slack?.before.join(' ')).toContain(' commands,')
  expect(said.filter(isScope).toSorted()).toEqual(bot.filter((one) => one.includes(':')).toSorted())
  const { bot_events: events } = manifest.settings.event_subscriptions
  expect(said.filter((word) => /^(?:app_mention$|message\.)/.test(word)).toSorted()).toEqual(
    events.toSorted(),
  )
})
