/** The agents of the tenant. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { CreateAgent } from './create-agent.tsx'

type Row = ResultOf<'agents.list'>['agents'][number]

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'Agent',
    width: 'minmax(9rem,2fr)',
    cell: ({ id, name }) => (
      <Link
        to="/agents/$agent"
        params={{ agent: id }}
        className="font-medium text-kumo-link hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    title: 'Key',
    width: 'minmax(6rem,1fr)',
    isSecondary: true,
    cell: ({ id }) => <code className="text-xs text-kumo-subtle">{id}</code>,
  },
  {
    title: 'Model',
    width: 'minmax(8rem,2fr)',
    isSecondary: true,
    cell: ({ provider, model }) => `${provider} / ${model}`,
  },
  {
    title: 'Status',
    width: 'minmax(6rem,1fr)',
    cell: ({ status, isRunning }) => (
      <span className="flex gap-1.5">
        <Badge variant={status === 'active' ? 'success' : 'neutral'}>
          {status === 'active' ? 'Active' : 'Disabled'}
        </Badge>
        {isRunning && <Badge variant="info">Running</Badge>}
      </span>
    ),
  },
]

export function AgentList() {
  const agents = useOperation('agents.list', {})
  const [search, change] = useAddress()
  const mayCreate = useMay('agents.create')
  const create = mayCreate ? (
    <Button
      variant="primary"
      icon={PlusIcon}
      onClick={() => change({ create: 'personal' }, { isStep: true })}
    >
      Create agent
    </Button>
  ) : undefined
  return (
    <Page
      title="Agents"
      description="Who answers: each with its own model, instructions, tools and sandbox."
      actions={create}
    >
      <Answer
        query={agents}
        what="Loading agents"
        empty={({ agents: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No agent yet"
              description="Create one, and people can talk to it."
              action={create}
            />
          )
        }
      >
        {({ agents: rows }) => (
          <DataList label="Agents" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
        )}
      </Answer>
      {mayCreate && search['create'] !== undefined && (
        <CreateAgent
          profile={search['create']}
          onClose={() => change({ create: null }, { isStep: true })}
        />
      )}
    </Page>
  )
}
