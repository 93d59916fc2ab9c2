/** Who the agent is, which model speaks for it, and its end. */
import { Button } from '@cloudflare/kumo/components/button'
import { Input, InputArea } from '@cloudflare/kumo/components/input'
import { Choice } from '../../ui/choice.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { DeleteAgent } from './delete-agent.tsx'
import type { TabProps } from './draft.ts'
import { ModelFields } from './model-fields.tsx'

const MAX_FALLBACKS = 3

export function GeneralTab(props: TabProps) {
  const { agent, fields, edit, mayEdit, isAdmin } = props
  return (
    <div className="flex flex-col gap-6">
      <Card className="grid gap-4 sm:grid-cols-2">
        <Input
          label="Name"
          value={fields.display_name}
          disabled={!isAdmin}
          onChange={({ target }) => edit({ display_name: target.value })}
          description={`Its key is ${agent.agent_key}.`}
        />
        <Choice
          label="Status"
          value={fields.status}
          disabled={!isAdmin}
          options={[
            ['active', 'Active'],
            ['disabled', 'Disabled'],
          ]}
          onChange={(status) => edit({ status })}
          description="A disabled agent answers nobody and keeps all it has."
        />
        <div className="sm:col-span-2">
          <InputArea
            label="Instructions"
            value={fields.system_prompt}
            disabled={!isAdmin}
            rows={5}
            onValueChange={(system_prompt) => edit({ system_prompt })}
            description="Told before every conversation. Longer texts are better kept as prompt files."
          />
        </div>
      </Card>
      <Section title="Model">
        <Card className="flex flex-col gap-4">
          <ModelFields
            provider={fields.provider}
            model={fields.model}
            disabled={!isAdmin}
            onChange={edit}
          />
          <div className="grid gap-4 sm:grid-cols-3">
            <NumberField
              label="Temperature"
              value={fields.temperature}
              min={0}
              max={2}
              disabled={!mayEdit}
              placeholder="The vendor’s"
              onChange={(temperature) => edit({ temperature })}
            />
            <NumberField
              label="Longest answer (tokens)"
              value={fields.max_output_tokens}
              min={1}
              isInteger
              disabled={!mayEdit}
              placeholder="The model’s"
              onChange={(max_output_tokens) => edit({ max_output_tokens })}
            />
            <NumberField
              label="Context window (tokens)"
              value={fields.context_window_tokens}
              min={1}
              isInteger
              disabled={!mayEdit}
              placeholder="As known of the model"
              onChange={(context_window_tokens) => edit({ context_window_tokens })}
            />
          </div>
        </Card>
      </Section>
      <Fallbacks {...props} />
      <Section title="Heartbeat">
        <Card>
          <InputArea
            label="Heartbeat prompt"
            value={fields.heartbeat_prompt ?? ''}
            disabled={!mayEdit}
            rows={2}
            onValueChange={(text) => edit({ heartbeat_prompt: text === '' ? undefined : text })}
            description="What a heartbeat that says nothing of its own asks the agent."
          />
        </Card>
      </Section>
      {isAdmin && !agent.is_default && <DeleteAgent agent={agent} />}
    </div>
  )
}

function Fallbacks({ fields, edit, isAdmin }: TabProps) {
  const fallbacks = fields.fallbacks ?? []
  const set = (next: typeof fallbacks) => edit({ fallbacks: next.length === 0 ? undefined : next })
  return (
    <Section
      title="Fallbacks"
      actions={
        isAdmin && fallbacks.length < MAX_FALLBACKS ? (
          <Button size="sm" onClick={() => set([...fallbacks, { provider: '', model: '' }])}>
            Add fallback
          </Button>
        ) : undefined
      }
    >
      <Card className="flex flex-col gap-4">
        {fallbacks.length === 0 && (
          <p className="text-kumo-subtle">
            None. When its model cannot answer, the run fails. Up to three are asked in turn.
          </p>
        )}
        {fallbacks.map((fallback, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: their place is what they are told by
          <div key={index} className="flex flex-col gap-2 sm:flex-row sm:items-start">
            <div className="flex-1">
              <ModelFields
                {...fallback}
                prefix={`Fallback ${index + 1}: `}
                disabled={!isAdmin}
                onChange={(chosen) => set(fallbacks.with(index, chosen))}
              />
            </div>
            {isAdmin && (
              <Button
                className="sm:mt-6.5"
                aria-label={`Remove fallback ${index + 1}`}
                onClick={() => set(fallbacks.toSpliced(index, 1))}
              >
                Remove
              </Button>
            )}
          </div>
        ))}
      </Card>
    </Section>
  )
}
