/** Vendors of models: added, tried, switched off, deleted. */
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import type { ProviderActs } from './provider-kind.ts'
import { createParams } from './provider-row.ts'
import { ProviderSection } from './provider-section.tsx'

const TYPES = [
  ['openai', 'OpenAI'],
  ['anthropic', 'Anthropic'],
  ['google', 'Google'],
  ['openai_compat', 'OpenAI-compatible (your own or another vendor)'],
  ['demo', 'Demo (built in, needs no key)'],
] as const
type Type = (typeof TYPES)[number][0]

const STALE = ['models', 'agents']

export function ModelProviders() {
  const query = useOperation('providers.list', {})
  const notify = useNotify()
  const create = useChange('providers.create', { alsoStale: STALE })
  const update = useChange('providers.update', { alsoStale: STALE })
  const remove = useChange('providers.delete', { alsoStale: STALE })
  const acts: ProviderActs = {
    create: async (form) => {
      await create.mutateAsync({ ...createParams(form), provider_type: form.type as Type })
      notify.done(`${form.name} was added.`)
    },
    update: async (params) => void (await update.mutateAsync(params)),
    remove: async (id) => void (await remove.mutateAsync({ id })),
  }
  return (
    <ProviderSection
      title="Models"
      one="provider"
      types={TYPES}
      list={query}
      acts={acts}
      isTestable
      needsAddress={(type) => type === 'openai_compat'}
      needsKey={(type) => type !== 'demo'}
      nothing="Agents answer with the built-in demo model until you add a vendor."
    />
  )
}
