/** The servers whose tools agents may use. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { type ListedServer, transportWords } from './server.ts'
import { ServerDialog } from './server-dialog.tsx'

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

/** Two lines. */
const ROW_PX = 60

function ServerTable({ rows }: { readonly rows: readonly ListedServer[] }) {
  const maySee = useMay('mcp.servers.get')
  const columns: readonly Column<ListedServer>[] = [
    {
      title: 'Server',
      width: 'minmax(7rem,2fr)',
      cell: ({ name, display_name }) => (
        <>
          {maySee ? (
            <Link
              to="/mcp-servers/$server"
              params={{ server: name }}
              className="font-medium text-kumo-link hover:underline"
            >
              {display_name || name}
            </Link>
          ) : (
            display_name || name
          )}
          <span className="block truncate font-mono text-xs text-kumo-subtle">mcp_{name}__…</span>
        </>
      ),
    },
    {
      title: 'Transport',
      width: 'minmax(8rem,1fr)',
      isSecondary: true,
      cell: ({ transport }) => transportWords(transport),
    },
    {
      title: 'Tools',
      width: 'minmax(6.5rem,1fr)',
      cell: ({ tools, waiting }) => (
        <>
          {tools}
          {waiting > 0 && (
            <span className="block">
              <Badge variant="warning">{waiting} to agree to</Badge>
            </span>
          )}
        </>
      ),
    },
    {
      title: 'State',
      width: '5.5rem',
      cell: (row) => <EnabledSwitch operation="mcp.servers.update" of={row} />,
    },
  ]
  return (
    <DataList
      label="MCP servers"
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      rowHeight={ROW_PX}
    />
  )
}
