/** Switches a server on and off: of one that is off agents are offered nothing. */
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { OnSwitch } from '../../ui/on-switch.tsx'
import type { ListedServer } from './server.ts'

export function ServerSwitch({ server: { id, name, enabled } }: { readonly server: ListedServer }) {
  const mayChange = useMay('mcp.servers.update')
  const update = useChange('mcp.servers.update', { alsoStale: ['tools'] })
  return (
    <OnSwitch
      name={name}
      isOn={enabled}
      disabled={!mayChange}
      onChange={(isOn) => update.mutateAsync({ id, enabled: isOn })}
    />
  )
}
