/** The workspaces that hold files, and the viewer's own with each agent. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Link } from '@tanstack/react-router'
import type { ResultOf } from '../../client/gateway.ts'
import { useHello } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { usePages } from '../../client/use-pages.ts'
import { Choice } from '../../ui/choice.tsx'
import { type Column, DataList, failedPage } from '../../ui/data-list.tsx'
import { formatBytes, formatCount } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'

type Row = ResultOf<'workspaces.list'>['workspaces'][number]

export function WorkspaceList() {
  const query = usePages('workspaces.list', {})
  const agents = useOperation('agents.list', {})
  const { user_id: self } = useHello()
  const [, change] = useAddress()
  const rows = query.data?.flatMap(({ workspaces }) => workspaces) ?? []
  const named = new Map(agents.data?.agents.map(({ id, name }) => [id, name]))
  const columns: readonly Column<Row>[] = [
    {
      title: 'Workspace',
      width: 'minmax(9rem,2fr)',
      cell: ({ agentId, userId }) => (
        <Link
          to="/workspaces"
          search={{ agent: agentId, user: userId }}
          className="font-medium text-kumo-link hover:underline"
        >
          {userId === self ? 'Yours' : userId}
        </Link>
      ),
    },
    {
      title: 'Agent',
      width: 'minmax(6rem,1fr)',
      cell: ({ agentId }) => named.get(agentId) ?? agentId,
    },
    {
      title: 'Whose',
      width: '7rem',
      isSecondary: true,
      cell: ({ scope }) => (
        <Badge variant={scope === 'channel' ? 'info' : 'outline'}>
          {scope === 'channel' ? 'Channel' : 'Member'}
        </Badge>
      ),
    },
    {
      title: 'Files',
      width: '5rem',
      isSecondary: true,
      cell: ({ files }) => formatCount(files),
    },
    {
      title: 'Size',
      width: '6rem',
      isSecondary: true,
      cell: ({ bytes }) => formatBytes(bytes),
    },
    {
      title: 'Changed',
      width: '8rem',
      isSecondary: true,
      cell: ({ changedAt }) => (changedAt === null ? 'not known' : <Time at={changedAt} />),
    },
  ]
  return (
    <Page
      title="Workspaces"
      description="The files that agents work on. Each person has a workspace of their own with each agent."
      actions={
        <div className="w-56">
          <Choice
            label="Open my workspace with"
            value=""
            options={[
              ['', 'Choose an agent'],
              ...(agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const),
            ]}
            onChange={(agent) => agent !== '' && change({ agent, user: self }, { isStep: true })}
          />
        </div>
      }
    >
      <Answer
        query={query}
        what="Loading workspaces"
        empty={() =>
          rows.length > 0 || query.hasNextPage ? null : (
            <Nothing
              title="No workspace holds files yet"
              description="Open your own and upload a file, or let an agent write one."
            />
          )
        }
      >
        {() => (
          <DataList
            label="Workspaces"
            columns={columns}
            rows={rows}
            keyOf={({ agentId, userId }) => `${agentId}/${userId}`}
            hasMore={query.hasNextPage}
            isLoadingMore={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
            failure={failedPage(query)}
          />
        )}
      </Answer>
    </Page>
  )
}
