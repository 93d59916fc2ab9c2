/** Search engines, asked in this order by the web search tool. */
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import type { ProviderActs } from './provider-kind.ts'
import { createParams } from './provider-row.ts'
import { ProviderSection } from './provider-section.tsx'

const TYPES = [
  ['brave', 'Brave Search'],
  ['tavily', 'Tavily'],
  ['searxng', 'SearXNG (your own)'],
] as const
type Type = (typeof TYPES)[number][0]

export function SearchProviders() {
  const query = useOperation('search.providers.list', {})
  const notify = useNotify()
  const create = useChange('search.providers.create')
  const update = useChange('search.providers.update')
  const remove = useChange('search.providers.delete')
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
      title="Search engines"
      one="search engine"
      types={TYPES}
      list={query}
      acts={acts}
      needsAddress={(type) => type === 'searxng'}
      needsKey={(type) => type !== 'searxng'}
      nothing="The web search tool finds nothing until you add an engine."
    />
  )
}
