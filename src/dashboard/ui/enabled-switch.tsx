/** Switches on and off what a tenant brings along: of what is off agents are offered nothing, and nobody asks it. */
import { useMay } from '../client/use-gateway.ts'
import { useChange } from '../client/use-operation.ts'
import { OnSwitch } from './on-switch.tsx'

export interface EnabledSwitchProps {
  readonly operation: 'hooks.update' | 'mcp.servers.update' | 'tools.custom.update'
  readonly of: { readonly id: string; readonly name: string; readonly enabled: boolean }
}

/** Which tools there are is another answer afterwards. */
const STALE = ['tools']

export function EnabledSwitch({ operation, of: { id, name, enabled } }: EnabledSwitchProps) {
  const mayChange = useMay(operation)
  const update = useChange(operation, { alsoStale: STALE })
  return (
    <OnSwitch
      name={name}
      isOn={enabled}
      disabled={!mayChange}
      onChange={(isOn) => update.mutateAsync({ id, enabled: isOn })}
    />
  )
}
