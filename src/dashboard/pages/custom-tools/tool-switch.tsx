/** Switches a tool on and off: one that is off is offered to nobody. */
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { OnSwitch } from '../../ui/on-switch.tsx'
import type { ListedTool } from './tool.ts'

export function ToolSwitch({ tool: { id, name, enabled } }: { readonly tool: ListedTool }) {
  const mayChange = useMay('tools.custom.update')
  const update = useChange('tools.custom.update')
  return (
    <OnSwitch
      name={name}
      isOn={enabled}
      disabled={!mayChange}
      onChange={(isOn) => update.mutateAsync({ id, enabled: isOn })}
    />
  )
}
