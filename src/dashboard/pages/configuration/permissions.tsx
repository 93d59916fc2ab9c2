/** Who may change which part of the configuration beside the admins. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import type { ResultOf } from '../../client/gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { GrantForm } from './grant-form.tsx'
import { inWords } from './schema-fields.ts'

type Row = ResultOf<'config.permissions.list'>['permissions'][number]

const whoIs = (userId: string): string => (userId === '*' ? 'Everybody' : userId)

export function Permissions() {
  const permissions = useOperation('config.permissions.list', {})
  const agents = useOperation('agents.list', {})
  const revoke = useChange('config.permissions.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const remove = async (row: Row) => {
    const question = {
      title: `Take back what was said of ${whoIs(row.userId)}?`,
      consequence:
        row.permission === 'allow'
          ? `They may no longer change ${inWords(row.configType).toLowerCase()}.`
          : `${inWords(row.configType)} is no longer forbidden to them by name.`,
      act: 'Take back',
    }
    if (!(await confirm(question))) return
    revoke.mutate(
      { id: row.id },
      {
        onSuccess: () => notify.done('Taken back.'),
        onError: (error) => notify.failed('It was not taken back', error),
      },
    )
  }
  const columns: readonly Column<Row>[] = [
    {
      title: 'Who',
      width: 'minmax(7rem,2fr)',
      cell: ({ userId }) => <span title={userId}>{whoIs(userId)}</span>,
    },
    {
      title: 'Part',
      width: 'minmax(6rem,1fr)',
      cell: ({ configType }) => inWords(configType),
    },
    {
      title: 'Says',
      width: '5.5rem',
      isSecondary: true,
      cell: ({ permission }) => (
        <Badge variant={permission === 'allow' ? 'success' : 'error'}>
          {permission === 'allow' ? 'May' : 'May not'}
        </Badge>
      ),
    },
    {
      title: 'Where',
      width: 'minmax(6rem,1fr)',
      isSecondary: true,
      cell: ({ agentId, scope }) =>
        [agentId === '*' ? null : agentId, scope === '*' ? null : scope]
          .filter((text) => text !== null)
          .join(', ') || 'Everywhere',
    },
    {
      title: 'Given',
      width: 'minmax(7rem,1fr)',
      isSecondary: true,
      cell: ({ grantedBy, createdAt }) => (
        <span title={grantedBy}>
          <Time at={createdAt} />
        </span>
      ),
    },
    {
      title: 'Acts',
      width: '6.5rem',
      cell: (row) => (
        <Button
          size="sm"
          aria-label={`Take back: ${whoIs(row.userId)}, ${inWords(row.configType)}`}
          onClick={() => void remove(row)}
        >
          Take back
        </Button>
      ),
    },
  ]
  return (
    <div className="flex flex-col gap-6">
      <Section title="Who may change what">
        <p className="text-kumo-subtle">
          Admins may change everything. Others change a part when it says so here; a denial of
          somebody by name is outweighed by nothing.
        </p>
        <Answer
          query={permissions}
          what="Loading the permissions"
          empty={({ permissions: rows }) =>
            rows.length > 0 ? null : (
              <Card>
                <Nothing
                  title="No permission yet"
                  description="Only admins change the configuration. Give somebody a part of it below."
                />
              </Card>
            )
          }
        >
          {({ permissions: rows }) => (
            <DataList label="Permissions" columns={columns} rows={rows} keyOf={({ id }) => id} />
          )}
        </Answer>
      </Section>
      <GrantForm agents={agents.data?.agents ?? []} />
    </div>
  )
}
