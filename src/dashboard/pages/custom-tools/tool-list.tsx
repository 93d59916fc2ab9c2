/** Tools that the tenant has defined itself. */
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { agentsInWords } from '../../ui/agents-field.tsx'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { KINDS, type ListedTool } from './tool.ts'
import { ToolDialog } from './tool-dialog.tsx'

export function ToolList() {
  const tools = useOperation('tools.custom.list', {})
  const [search, change] = useAddress()
  const mayCreate = useMay('tools.custom.create')
  const create = mayCreate ? (
    <Button
      variant="primary"
      icon={PlusIcon}
      onClick={() => change({ create: 'yes' }, { isStep: true })}
    >
      Add tool
    </Button>
  ) : undefined
  return (
    <Page
      title="Custom tools"
      description="Tools of your own: a request to a fixed address, or a command in the sandbox."
      actions={create}
    >
      <Answer
        query={tools}
        what="Loading custom tools"
        empty={({ tools: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No tool of your own yet"
              description="Add one, and say which agents may use it. Policy, budgets and approvals hold for it as for all others."
              action={create}
            />
          )
        }
      >
        {({ tools: rows }) => <ToolTable rows={rows} />}
      </Answer>
      {mayCreate && search['create'] !== undefined && (
        <ToolDialog tool={null} onClose={() => change({ create: null }, { isStep: true })} />
      )}
    </Page>
  )
}

/** Two lines. */
const ROW_PX = 60

const COLUMNS: readonly Column<ListedTool>[] = [
  {
    title: 'Tool',
    width: 'minmax(9rem,3fr)',
    cell: ({ name, description }) => (
      <>
        <Link
          to="/custom-tools/$tool"
          params={{ tool: name }}
          className="font-mono font-medium text-kumo-link hover:underline"
        >
          {name}
        </Link>
        <span className="block truncate text-sm text-kumo-subtle" title={description}>
          {description}
        </span>
      </>
    ),
  },
  {
    title: 'Kind',
    width: 'minmax(10rem,1.5fr)',
    isSecondary: true,
    cell: ({ kind }) => KINDS[kind],
  },
  { title: 'Group', width: '6.5rem', isSecondary: true, cell: ({ group }) => group },
  {
    title: 'Agents',
    width: 'minmax(5rem,1fr)',
    cell: ({ agents }) => agentsInWords(agents),
  },
  {
    title: 'State',
    width: '5.5rem',
    cell: (tool) => <EnabledSwitch operation="tools.custom.update" of={tool} />,
  },
]

function ToolTable({ rows }: { readonly rows: readonly ListedTool[] }) {
  return (
    <DataList
      label="Custom tools"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ id }) => id}
      rowHeight={ROW_PX}
    />
  )
}
