/** What model providers and search engines have in common as rows, and what is sent of a form. */

export interface ProviderRow {
  readonly id: string
  readonly name: string
  readonly provider_type: string
  readonly api_base: string | null
  readonly enabled: boolean
  readonly allow_private_network: boolean
  /** A mask when a key is stored, else empty. */
  readonly api_key: string
}

export interface ProviderForm {
  readonly name: string
  readonly type: string
  readonly address: string
  /** What was typed; empty: nothing. */
  readonly key: string
  /** The stored key is to go. */
  readonly forgetsKey: boolean
  readonly allowsPrivateNetwork: boolean
}

export const emptyForm = (type: string): ProviderForm => ({
  name: '',
  type,
  address: '',
  key: '',
  forgetsKey: false,
  allowsPrivateNetwork: false,
})

export const formOf = (row: ProviderRow): ProviderForm => ({
  ...emptyForm(row.provider_type),
  name: row.name,
  address: row.api_base ?? '',
  allowsPrivateNetwork: row.allow_private_network,
})

export const hasKey = ({ api_key }: ProviderRow): boolean => api_key !== ''

export const createParams = ({ name, address, key, allowsPrivateNetwork }: ProviderForm) => ({
  name: name.trim(),
  ...(address.trim() === '' ? {} : { api_base: address.trim() }),
  ...(key === '' ? {} : { api_key: key }),
  ...(allowsPrivateNetwork ? { allow_private_network: true } : {}),
})

export interface UpdateParams {
  readonly id: string
  readonly api_base?: string | null
  readonly api_key?: string
  readonly allow_private_network?: boolean
}

/** Only what differs; null when nothing does. */
export function updateParams(row: ProviderRow, form: ProviderForm): UpdateParams | null {
  const address = form.address.trim()
  const changes = {
    ...(address === (row.api_base ?? '') ? {} : { api_base: address === '' ? null : address }),
    ...(form.allowsPrivateNetwork === row.allow_private_network
      ? {}
      : { allow_private_network: form.allowsPrivateNetwork }),
    ...(form.key === '' ? (form.forgetsKey ? { api_key: '' } : {}) : { api_key: form.key }),
  }
  return Object.keys(changes).length === 0 ? null : { id: row.id, ...changes }
}

/** The gateway erases the key with another address: whoever holds the new one never sees it. */
export const losesKey = (row: ProviderRow, form: ProviderForm): boolean =>
  hasKey(row) && form.key === '' && form.address.trim() !== (row.api_base ?? '')
