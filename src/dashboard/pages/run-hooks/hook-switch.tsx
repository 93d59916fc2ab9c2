/** Switches a hook on and off: one that is off is not asked, and blocks nothing. */
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { OnSwitch } from '../../ui/on-switch.tsx'
import type { ListedHook } from './hook.ts'

export function HookSwitch({ hook: { id, name, enabled } }: { readonly hook: ListedHook }) {
  const mayChange = useMay('hooks.update')
  const update = useChange('hooks.update')
  return (
    <OnSwitch
      name={name}
      isOn={enabled}
      disabled={!mayChange}
      onChange={(isOn) => update.mutateAsync({ id, enabled: isOn })}
    />
  )
}
