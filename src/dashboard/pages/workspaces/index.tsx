/** Workspaces: which there are, and the files in one. All that is looked at is in the address. */
import { useHello } from '../../client/use-gateway.ts'
import { useAddress } from '../../ui/use-address.ts'
import { Browser } from './browser.tsx'
import { WorkspaceList } from './workspace-list.tsx'

export default function WorkspacesPage() {
  const [search] = useAddress()
  const { user_id: self } = useHello()
  const { agent } = search
  if (agent === undefined) return <WorkspaceList />
  const user = search['user'] ?? self
  return <Browser key={`${agent}/${user}`} place={{ agent, user, isOwn: user === self }} />
}
