/** One server: where it is, who may use it, its sign-in, and what it has. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { agentsInWords } from '../../ui/agents-field.tsx'
import { DeleteButton } from '../../ui/delete-button.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { Listings } from './listings.tsx'
import { LookAct } from './look-act.tsx'
import { type Server, transportWords } from './server.ts'
import { ServerDialog } from './server-dialog.tsx'
import { ServerTools } from './server-tools.tsx'
import { SignIn } from './sign-in.tsx'

export function ServerPage({ id }: { readonly id: string }) {
  const server = useOperation('mcp.servers.get', { id })
  return (
    <Page
      title={server.data === undefined ? id : server.data.display_name || server.data.name}
      actions={
        <>
          {server.data !== undefined && <Acts server={server.data} />}
          <Link to="/mcp-servers" className="text-kumo-link hover:underline">
            All servers
          </Link>
        </>
      }
    >
      <Answer query={server} what="Loading the server">
        {(found) => (
          <>
            <ServerFacts server={found} />
            <LookAct server={found} />
            <SignIn server={found} />
            <ServerTools server={found} />
            <Listings server={found} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Acts({ server }: { readonly server: Server }) {
  const { id, name } = server
  const [search, change] = useAddress()
  const mayChange = useMay('mcp.servers.update')
  const remove = useChange('mcp.servers.delete', {
    alsoStale: ['tools'],
    onDone: () => void navigate({ to: '/mcp-servers' }),
  })
  const navigate = useNavigate()
  if (!mayChange) return null
  return (
    <>
      <EnabledSwitch operation="mcp.servers.update" of={server} />
      <Button onClick={() => change({ edit: 'yes' }, { isStep: true })}>Edit</Button>
      <DeleteButton
        what={`the server “${name}”`}
        consequence="Its tools, its keys and its sign-in go, and agents cannot call it any more."
        onDelete={() => remove.mutateAsync({ id })}
      />
      {search['edit'] !== undefined && (
        <ServerDialog server={server} onClose={() => change({ edit: null }, { isStep: true })} />
      )}
    </>
  )
}

function ServerFacts({ server }: { readonly server: Server }) {
  const { url, transport, agents, headers, authorization, checked_at: checkedAt } = server
  return (
    <Facts>
      <Fact name="Name">
        <span className="font-mono">{server.name}</span>
      </Fact>
      <Fact name="Address">
        <span className="font-mono">{url}</span>{' '}
        {server.allow_private_network && <Badge variant="warning">Private network</Badge>}
      </Fact>
      <Fact name="Transport">{transportWords(transport)}</Fact>
      <Fact name="Agents">{agentsInWords(agents)}</Fact>
      <Fact name="Keys">
        {headers === '' && authorization === '' ? (
          'none'
        ) : (
          <span className="inline-flex flex-wrap gap-2">
            {headers !== '' && <Badge variant="success">Key stored</Badge>}
            {authorization !== '' && <Badge variant="success">Sign-in stored</Badge>}
          </span>
        )}
      </Fact>
      <Fact name="A call may take">{server.timeout_seconds} s</Fact>
      <Fact name="Looked at">
        {checkedAt === null ? (
          'never: agents are offered nothing yet'
        ) : (
          <>
            <Time at={checkedAt} />
            {server.protocol_version !== null && `, protocol ${server.protocol_version}`}
          </>
        )}
      </Fact>
    </Facts>
  )
}
