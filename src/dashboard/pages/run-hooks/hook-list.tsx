/** Whom runs ask before they go on, in the order in which they are asked. */
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { agentsInWords } from '../../ui/agents-field.tsx'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { OneTimeSecret } from '../../ui/one-time-secret.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { EVENTS, failureWords, type ListedHook } from './hook.ts'
import { HookDialog, type MadeSecret } from './hook-dialog.tsx'

export function HookList() {
  const hooks = useOperation('hooks.list', {})
  const [search, change] = useAddress()
  const [made, setMade] = useState<MadeSecret | null>(null)
  const mayCreate = useMay('hooks.create')
  const create = mayCreate ? (
    <Button
      variant="primary"
      icon={PlusIcon}
      onClick={() => change({ create: 'yes' }, { isStep: true })}
    >
      Add run hook
    </Button>
  ) : undefined
  return (
    <Page
      title="Run hooks"
      description="Addresses of yours that runs ask before they go on. A hook can say no; it never allows what policy denies."
      actions={create}
    >
      {made !== null && (
        <OneTimeSecret
          label={`The signing secret of “${made.hook}”`}
          value={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      <Answer
        query={hooks}
        what="Loading run hooks"
        empty={({ hooks: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No run hook yet"
              description="Add one to have a program of yours judge messages and tool calls."
              action={create}
            />
          )
        }
      >
        {({ hooks: rows }) => <HookTable rows={rows} />}
      </Answer>
      {mayCreate && search['create'] !== undefined && (
        <HookDialog
          hook={null}
          onClose={() => change({ create: null }, { isStep: true })}
          onSecret={setMade}
        />
      )}
    </Page>
  )
}

const LINE_PX = 20
const PADDING_PX = 24

const COLUMNS: readonly Column<ListedHook>[] = [
  {
    title: 'Hook',
    width: 'minmax(5rem,1fr)',
    cell: ({ name }) => (
      <Link
        to="/run-hooks/$hook"
        params={{ hook: name }}
        className="font-medium text-kumo-link hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    title: 'Asked when',
    width: 'minmax(8rem,1.5fr)',
    cell: ({ events }) => (
      <ul>
        {events.map((event) => (
          <li key={event} className="truncate">
            {EVENTS[event].title}
          </li>
        ))}
      </ul>
    ),
  },
  {
    title: 'Runs of',
    width: 'minmax(6rem,1fr)',
    isSecondary: true,
    cell: ({ agents }) => agentsInWords(agents),
  },
  {
    title: 'Without an answer',
    width: 'minmax(10rem,2fr)',
    isSecondary: true,
    cell: ({ failure }) => <span title={failureWords(failure)}>{failureWords(failure)}</span>,
  },
  {
    title: 'State',
    width: '5.5rem',
    cell: (hook) => <EnabledSwitch operation="hooks.update" of={hook} />,
  },
]

function HookTable({ rows }: { readonly rows: readonly ListedHook[] }) {
  return (
    <DataList
      label="Run hooks"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ id }) => id}
      rowHeight={({ events }) => events.length * LINE_PX + PADDING_PX}
    />
  )
}
