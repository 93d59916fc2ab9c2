/** Where the agent's commands run, and how little they get. */
import { Input } from '@cloudflare/kumo/components/input'
import { NumberField } from '../../ui/number-field.tsx'
import { Card, Section } from '../../ui/page.tsx'
import type { AgentFields, TabProps } from './draft.ts'
import { InheritingChoice } from './inheriting-choice.tsx'
import { Packages } from './packages.tsx'

const MODES = [
  ['off', 'No shell at all'],
  ['non-main', 'In all conversations but the main one'],
  ['all', 'In all conversations'],
] as const
const SCOPES = [
  ['session', 'One conversation'],
  ['agent', 'All conversations of one person with it'],
  ['shared', 'All of one person'],
] as const
const ACCESS = [
  ['none', 'None'],
  ['ro', 'Read only'],
  ['rw', 'Read and write'],
] as const

/** As the gateway's ceilings are; it refuses what is over them. */
const LIMITS = [
  { name: 'memory_mb', label: 'Memory (MB)', min: 16, max: 512, isInteger: true },
  { name: 'cpus', label: 'Processors', min: 0.1, max: 1, isInteger: false },
  { name: 'pids', label: 'Processes', min: 8, max: 128, isInteger: true },
  { name: 'timeout_seconds', label: 'Longest run (seconds)', min: 1, max: 300, isInteger: true },
  { name: 'output_bytes', label: 'Output (bytes)', min: 1024, max: 1_048_576, isInteger: true },
] as const

type Sandbox = NonNullable<AgentFields['sandbox']>

export function SandboxTab({ agent, fields, edit, mayEdit, isAdmin }: TabProps) {
  const { sandbox: inForce } = agent.effective
  const own = fields.sandbox ?? {}
  const saved = agent.settings.sandbox
  const set = (change: Partial<Sandbox>) => edit({ sandbox: { ...own, ...change } })
  return (
    <div className="flex flex-col gap-6">
      <Section title="Sandbox">
        <Card className="flex flex-col gap-4">
          <p className="text-kumo-subtle">
            The tighter of this and the tenant’s word holds for shell, workspace and limits.
          </p>
          <div className="grid gap-4 md:grid-cols-2">
            <InheritingChoice
              label="Shell"
              value={own.mode}
              inForce={inForce.mode}
              isOwn={saved?.mode !== undefined}
              options={MODES}
              disabled={!mayEdit}
              onChange={(mode) => set({ mode })}
            />
            <InheritingChoice
              label="Workspace"
              value={own.workspace_access}
              inForce={inForce.workspace_access}
              isOwn={saved?.workspace_access !== undefined}
              options={ACCESS}
              disabled={!mayEdit}
              description="What commands and file tools may do in it."
              onChange={(access) => set({ workspace_access: access })}
            />
            <InheritingChoice
              label="One container for"
              value={own.scope}
              inForce={inForce.scope}
              isOwn={saved?.scope !== undefined}
              options={SCOPES}
              disabled={!mayEdit}
              description="Never shared across people."
              onChange={(scope) => set({ scope })}
            />
            <Input
              label="Image"
              value={own.image ?? ''}
              disabled={!mayEdit}
              placeholder={inForce.image ?? 'The runner’s own'}
              description="Of the container. Packages go on top of the runner’s own image alone."
              onChange={({ target }) =>
                set({ image: target.value === '' ? undefined : target.value })
              }
            />
          </div>
        </Card>
      </Section>
      <Section title="Limits of a command">
        <Card className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          {LIMITS.map(({ name, ...limit }) => (
            <NumberField
              key={name}
              {...limit}
              value={own.limits?.[name]}
              disabled={!mayEdit}
              placeholder="As the tenant says"
              description={`${limit.min} to ${limit.max}.`}
              onChange={(value) => set({ limits: { ...own.limits, [name]: value } })}
            />
          ))}
        </Card>
      </Section>
      <Packages agent={agent.id} agentKey={agent.agent_key} isAdmin={isAdmin} />
    </div>
  )
}
