/** Who is signed in, into which tenant, with which role; theme, other tenants, and the way out. */
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import { gateway } from '../client/gateway.ts'
import { chosenTenant } from '../client/session-token.ts'
import { useHello } from '../client/use-gateway.ts'
import { useOperation } from '../client/use-operation.ts'
import { type Options, Select } from '../ui/choice.tsx'
import { COMPACT } from '../ui/labelled.tsx'
import { chooseTheme, chosenTheme, type Theme } from './theme.ts'
import { useOpenTenant } from './use-open-tenant.ts'

export function Account() {
  const hello = useHello()
  return (
    <div className="flex flex-col gap-2 border-t border-kumo-line p-3 text-sm">
      <TenantPicker />
      <p className="truncate text-kumo-subtle" title={hello.user_id}>
        {hello.user_id} · {hello.role}
      </p>
      <div className="flex items-center justify-between gap-2">
        <ThemePicker />
        <Button size="sm" onClick={() => gateway.leave()}>
          Sign out
        </Button>
      </div>
    </div>
  )
}

function TenantPicker() {
  const hello = useHello()
  const open = useOpenTenant()
  const { data } = useOperation('tenants.mine', {})
  const tenants = data?.tenants ?? []
  if (chosenTenant.get() !== null && tenants.length < 2) return <Visited name={hello.tenant_name} />
  if (tenants.length < 2) return <p className="truncate font-medium">{hello.tenant_name}</p>
  return (
    <Select
      aria-label="Tenant"
      className={`${COMPACT} w-full font-medium`}
      value={hello.tenant_id}
      options={tenants.map(({ id, name }) => [id, name] as const)}
      onChange={open}
    />
  )
}

/** A tenant that the operator of the gateway looks into, without being a member of it. */
function Visited({ name }: { readonly name: string }) {
  const open = useOpenTenant()
  return (
    <div className="flex items-center justify-between gap-2">
      <p className="truncate font-medium">{name}</p>
      <Button size="sm" onClick={() => open(null)}>
        Back to yours
      </Button>
    </div>
  )
}

const THEMES: Options<Theme> = [
  ['system', 'As the device'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

function ThemePicker() {
  const [theme, setTheme] = useState(chosenTheme)
  const choose = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  return (
    <Select
      aria-label="Theme"
      className={COMPACT}
      value={theme}
      options={THEMES}
      onChange={choose}
    />
  )
}
