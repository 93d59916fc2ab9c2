/**
 * The credential of this tab, and the tenant it looks at. Session storage alone: it ends with the tab,
 * and no other tab or page reads it.
 */
const TOKEN = 'edgeclaw.token'
const TENANT = 'edgeclaw.tenant'

const keep = (name: string, value: string | null): void => {
  if (value === null) sessionStorage.removeItem(name)
  else sessionStorage.setItem(name, value)
}

export const sessionToken = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (token: string | null): void => keep(TOKEN, token),
}

/** Id or slug; null: the tenant that the credential belongs to. */
export const chosenTenant = {
  get: (): string | null => sessionStorage.getItem(TENANT),
  set: (tenant: string | null): void => keep(TENANT, tenant),
}
