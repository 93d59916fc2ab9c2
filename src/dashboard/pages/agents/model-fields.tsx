/** Provider and model together: one of the known models, or another that is written. */
import { Input } from '@cloudflare/kumo/components/input'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'

export interface ChosenModel {
  readonly provider: string
  readonly model: string
}

export interface ModelFieldsProps extends ChosenModel {
  /** Before the labels, where there are several: `Fallback 1: `. */
  readonly prefix?: string
  readonly onChange: (chosen: ChosenModel) => void
  readonly disabled?: boolean
}

const OTHER = '\u0000other'

export function useModels() {
  const models = useOperation('models.list', {})
  const mayList = useMay('providers.list')
  const configured = useOperation('providers.list', {}, { enabled: mayList })
  const known = models.data?.models ?? []
  const providers = new Set([
    ...(configured.data?.providers ?? []).filter(({ enabled }) => enabled).map(({ name }) => name),
    ...known.map(({ provider }) => provider),
  ])
  return {
    providers: [...providers],
    modelsOf: (provider: string) =>
      known.filter((each) => each.provider === provider).map(({ id }) => id),
  }
}

export function ModelFields({
  provider,
  model,
  prefix = '',
  onChange,
  disabled = false,
}: ModelFieldsProps) {
  const { providers, modelsOf } = useModels()
  const [isTyping, setTyping] = useState(false)
  const models = modelsOf(provider)
  const named = (text: string) => (prefix === '' ? text : `${prefix}${text.toLowerCase()}`)
  const isOther = isTyping || (model !== '' && !models.includes(model)) || models.length === 0
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Choice
        label={named('Provider')}
        value={provider}
        disabled={disabled}
        options={[...new Set([provider, ...providers])].map(
          (name) => [name, name === '' ? 'Choose a provider' : name] as const,
        )}
        onChange={(name) => {
          setTyping(false)
          onChange({ provider: name, model: modelsOf(name)[0] ?? '' })
        }}
      />
      <div className="flex flex-col gap-2">
        {models.length > 0 && (
          <Choice
            label={named('Model')}
            value={isOther ? OTHER : model}
            disabled={disabled}
            options={[
              ...(model === '' && !isOther ? [['', 'Choose a model'] as const] : []),
              ...models.map((id) => [id, id] as const),
              [OTHER, 'Another model…'],
            ]}
            onChange={(id) => {
              setTyping(id === OTHER)
              if (id !== OTHER) onChange({ provider, model: id })
            }}
          />
        )}
        {isOther && (
          <Input
            label={named('Name of the model')}
            value={model}
            disabled={disabled}
            description="As the provider writes it."
            onChange={({ target }) => onChange({ provider, model: target.value })}
          />
        )}
      </div>
    </div>
  )
}
