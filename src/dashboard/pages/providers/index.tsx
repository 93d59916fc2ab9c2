/** Where models and searches come from. */
import { useMay } from '../../client/use-gateway.ts'
import { Page } from '../../ui/page.tsx'
import { ModelProviders } from './model-providers.tsx'
import { SearchProviders } from './search-providers.tsx'

export default function ProvidersPage() {
  const maySearch = useMay('search.providers.list')
  return (
    <Page
      title="Providers"
      description="Vendors of models and search engines, with the keys that the gateway keeps for you."
    >
      <div className="flex flex-col gap-8">
        <ModelProviders />
        {maySearch && <SearchProviders />}
      </div>
    </Page>
  )
}
