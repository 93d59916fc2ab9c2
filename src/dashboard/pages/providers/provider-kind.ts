/** What makes the section of model providers and that of search engines different. */
import type { Options } from '../../ui/choice.tsx'
import type { Asked } from '../../ui/states.tsx'
import type { ProviderForm, ProviderRow, UpdateParams } from './provider-row.ts'

/** Each throws what the gateway refused with. */
export interface ProviderActs {
  create(form: ProviderForm): Promise<void>
  update(params: UpdateParams & { readonly enabled?: boolean }): Promise<void>
  remove(id: string): Promise<void>
}

export interface ProviderSectionProps {
  readonly title: string
  /** `provider`, `search engine`: as one is called. */
  readonly one: string
  readonly types: Options
  readonly list: Asked<{ readonly providers: readonly ProviderRow[] }>
  readonly acts: ProviderActs
  readonly isTestable?: boolean
  readonly needsAddress: (type: string) => boolean
  readonly needsKey: (type: string) => boolean
  readonly nothing: string
}
