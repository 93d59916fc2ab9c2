/** The members of the tenant: roles, suspension, removal. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { ROLES, roleIn } from './roles.ts'

type Member = ResultOf<'tenants.users.list'>['users'][number]

export function Members() {
  const members = useOperation('tenants.users.list', {})
  const add = useChange('tenants.users.add')
  const mayAdd = useMay('tenants.users.add')
  const [edited, setEdited] = useState<Member | 'new' | null>(null)
  const notify = useNotify()
  const member = edited === 'new' ? null : edited
  return (
    <Section
      title="Members"
      actions={mayAdd && <Button onClick={() => setEdited('new')}>Add member</Button>}
    >
      <Answer
        query={members}
        empty={({ users }) =>
          users.length === 0 ? <Nothing title="There are no members yet" /> : null
        }
      >
        {({ users }) => <MemberTable rows={users} onEdit={setEdited} />}
      </Answer>
      <FormDialog
        title={member === null ? 'Add a member' : `Role of ${member.user_id}`}
        act={member === null ? 'Add' : 'Change role'}
        isOpen={edited !== null}
        onClose={() => setEdited(null)}
        onSubmit={async (form) => {
          const userId = member?.user_id ?? textIn(form, 'user_id') ?? ''
          await add.mutateAsync({ user_id: userId, role: roleIn(form) })
          notify.done(
            member === null ? `${userId} is a member` : `The role of ${userId} is changed`,
          )
        }}
      >
        {member === null && <TextField name="user_id" label="User" isRequired />}
        <SelectField
          key={member?.user_id ?? 'new'}
          name="role"
          label="Role"
          options={ROLES}
          defaultValue={member?.role ?? 'operator'}
        />
      </FormDialog>
    </Section>
  )
}

interface MemberTableProps {
  readonly rows: readonly Member[]
  readonly onEdit: (member: Member) => void
}

function MemberTable({ rows, onEdit }: MemberTableProps) {
  const { user_id: me } = useHello()
  const mayChange = useMay('tenants.users.remove')
  const suspend = useChange('tenants.users.suspend')
  const reinstate = useChange('tenants.users.reinstate')
  const remove = useChange('tenants.users.remove', { alsoStale: ['api_keys', 'device'] })
  const confirm = useConfirm()
  const notify = useNotify()
  const onError = (error: Error) => notify.failed('Not changed', error)
  const toggle = async ({ user_id, status }: Member) => {
    if (status === 'suspended') return reinstate.mutate({ user_id }, { onError })
    const isSure = await confirm({
      title: `Suspend ${user_id}?`,
      consequence:
        'Their connections close, and their keys, runs and schedules rest until they are reinstated.',
      act: 'Suspend',
    })
    if (isSure) suspend.mutate({ user_id }, { onError })
  }
  const end = async ({ user_id }: Member) => {
    const isSure = await confirm({
      title: `Remove ${user_id}?`,
      consequence: 'They lose access at once, and the keys that they own or made end.',
      act: 'Remove',
    })
    if (isSure) remove.mutate({ user_id }, { onError })
  }
  return (
    <SimpleTable
      label="Members"
      rows={rows}
      keyOf={({ user_id }) => user_id}
      columns={[
        {
          title: 'User',
          cell: ({ user_id }) => (
            <>
              <CutText text={user_id} /> {user_id === me && <Badge variant="info">you</Badge>}
            </>
          ),
        },
        { title: 'Role', cell: ({ role }) => role },
        {
          title: 'State',
          cell: ({ status }) => (
            <Badge variant={status === 'active' ? 'success' : 'warning'}>{status}</Badge>
          ),
        },
        { title: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
        {
          title: 'Acts',
          isActions: true,
          cell: (member) =>
            mayChange && (
              <span className="inline-flex gap-2">
                <Button size="sm" onClick={() => onEdit(member)}>
                  Role
                </Button>
                <Button size="sm" onClick={() => void toggle(member)}>
                  {member.status === 'active' ? 'Suspend' : 'Reinstate'}
                </Button>
                <Button size="sm" variant="secondary-destructive" onClick={() => void end(member)}>
                  Remove
                </Button>
              </span>
            ),
        },
      ]}
    />
  )
}
