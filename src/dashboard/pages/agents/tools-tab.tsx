/** The agent's own level of the policy, the shell groups, what all levels come to, and a box to try it. */

import { useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { NameList } from '../../ui/name-list.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { DenyGroups } from './deny-groups.tsx'
import type { AgentFields, TabProps } from './draft.ts'
import { EffectivePolicy } from './effective-policy.tsx'
import { TryCall } from './try-call.tsx'

const PROFILES = [
  ['', 'No profile: all that the tenant leaves'],
  ['minimal', 'Minimal: words only'],
  ['messaging', 'Messaging: messages, sessions and memory'],
  ['coding', 'Coding: files, commands, web, memory and sessions'],
  ['full', 'Full: every tool'],
] as const

export function ToolsTab(props: TabProps & { readonly isDirty: boolean }) {
  const { agent, fields, edit, mayEdit, isDirty } = props
  const tools = useOperation('tools.list', {})
  const known = tools.data?.tools ?? []
  const suggestions = [
    ...new Set(known.map(({ group }) => `group:${group}`)),
    ...known.map(({ name }) => name),
  ]
  const own = fields.tools ?? {}
  const set = (change: Partial<NonNullable<AgentFields['tools']>>) =>
    edit({ tools: { ...own, ...change } })
  return (
    <div className="flex flex-col gap-6">
      <Section title="Policy of this agent">
        <Card className="flex flex-col gap-4">
          <p className="text-kumo-subtle">
            It can only narrow what the tenant leaves; a denial wins over everything.
          </p>
          <Choice
            label="Profile"
            value={own.profile ?? ''}
            options={PROFILES}
            disabled={!mayEdit}
            onChange={(profile) => set({ profile: profile === '' ? undefined : profile })}
          />
          <div className="grid gap-4 md:grid-cols-2">
            <NameList
              label="Allow"
              value={own.allow ?? []}
              suggestions={suggestions}
              disabled={!mayEdit}
              placeholder="web_fetch or group:fs"
              description="Names, names ending in *, or groups. Empty: all that the profile has."
              onChange={(allow) => set({ allow: allow.length === 0 ? undefined : allow })}
            />
            <NameList
              label="Deny"
              value={own.deny ?? []}
              suggestions={suggestions}
              disabled={!mayEdit}
              placeholder="exec or group:runtime"
              description="Taken away again, whoever allows it."
              onChange={(deny) => set({ deny: deny.length === 0 ? undefined : deny })}
            />
          </div>
        </Card>
      </Section>
      <DenyGroups {...props} />
      {isDirty && (
        <p role="status" className="rounded-lg bg-kumo-warning-tint px-4 py-2">
          What follows is what is saved. Save your changes to see what they come to.
        </p>
      )}
      <TryCall agent={agent.agent_key} />
      <EffectivePolicy agent={agent.agent_key} />
    </div>
  )
}
