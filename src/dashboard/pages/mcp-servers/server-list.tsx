/** The servers whose tools agents may use. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { CutText } from '../../ui/cut-text.tsx'
import { Page } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { type ListedServer, TRANSPORTS } from './server.ts'
import { ServerDialog } from './server-dialog.tsx'
import { ServerSwitch } from './server-switch.tsx'

export function ServerList() {
  const servers = useOperation('mcp.servers.list', {})
  const [search, change] = useAddress()
  const mayCreate = useMay('mcp.servers.create')
  const create = mayCreate ? (
    <Button
      variant="primary"
      icon={PlusIcon}
      onClick={() => change({ create: 'yes' }, { isStep: true })}
    >
      Add server
    </Button>
  ) : undefined
  return (
    <Page
      title="MCP servers"
      description="Servers whose tools your agents may use. What a server offers becomes a tool once an admin has seen it."
      actions={create}
    >
      <Answer
        query={servers}
        what="Loading servers"
        empty={({ servers: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No server yet"
              description="Add one that speaks the Model Context Protocol, look at its tools, and say which agents may use them."
              action={create}
            />
          )
        }
      >
        {({ servers: rows }) => <ServerTable rows={rows} />}
      </Answer>
      {mayCreate && search['create'] !== undefined && (
        <ServerDialog server={null} onClose={() => change({ create: null }, { isStep: true })} />
      )}
    </Page>
  )
}

function ServerTable({ rows }: { readonly rows: readonly ListedServer[] }) {
  const maySee = useMay('mcp.servers.get')
  return (
    <SimpleTable
      label="MCP servers"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Server',
          cell: ({ name, display_name }) =>
            maySee ? (
              <Link
                to="/mcp-servers/$server"
                params={{ server: name }}
                className="font-medium text-kumo-link hover:underline"
              >
                <CutText text={display_name || name} />
              </Link>
            ) : (
              <CutText text={display_name || name} />
            ),
        },
        {
          title: 'Tools are called',
          cell: ({ name }) => (
            <code className="text-xs whitespace-nowrap text-kumo-subtle">mcp_{name}__…</code>
          ),
        },
        {
          title: 'Transport',
          cell: ({ transport }) =>
            TRANSPORTS.find(([value]) => value === transport)?.[1] ?? transport,
        },
        {
          title: 'Tools',
          cell: ({ tools, waiting }) => (
            <span className="inline-flex items-center gap-2 whitespace-nowrap">
              {tools}
              {waiting > 0 && <Badge variant="warning">{waiting} to agree to</Badge>}
            </span>
          ),
        },
        { title: 'State', cell: (row) => <ServerSwitch server={row} /> },
      ]}
    />
  )
}
