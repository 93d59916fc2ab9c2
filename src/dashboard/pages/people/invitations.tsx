/**
 * Links that let one person in, once, within a week. Who opens one must be known as a person, which takes
 * an issuer: a link that nobody could use is not made without a word.
 */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { OneTimeSecret } from '../../ui/one-time-secret.tsx'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { ROLES, roleIn } from './roles.ts'

type Invitation = ResultOf<'invitations.list'>['invitations'][number]

export function Invitations() {
  const invitations = useOperation('invitations.list', {})
  const create = useChange('invitations.create')
  const mayInvite = useMay('invitations.create')
  const seesIssuers = useMay('issuers.list')
  const [isOpen, setOpen] = useState(false)
  const [link, setLink] = useState<string | null>(null)
  return (
    <Section
      title="Invitations"
      actions={mayInvite && <Button onClick={() => setOpen(true)}>Invite</Button>}
    >
      {seesIssuers && <NobodyCanJoin />}
      {link !== null && (
        <OneTimeSecret label="The invitation’s link" value={link} onClose={() => setLink(null)} />
      )}
      <Answer
        query={invitations}
        empty={({ invitations: rows }) =>
          rows.length === 0 ? (
            <Nothing
              title="Nobody is invited"
              description="An invitation is a link that works once, for 7 days."
            />
          ) : null
        }
      >
        {({ invitations: rows }) => <InvitationTable rows={rows} />}
      </Answer>
      <FormDialog
        title="Invite somebody"
        description="You get a link that lets one person in. Send it on a way that only they read."
        act="Make the link"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onSubmit={async (form) => {
          const role = roleIn(form)
          const note = textIn(form, 'note')
          const made = await create.mutateAsync({
            role: role === 'owner' ? 'admin' : role,
            ...(note === null ? {} : { note }),
          })
          setLink(made.link)
        }}
      >
        <SelectField
          name="role"
          label="Role"
          options={ROLES.filter(([role]) => role !== 'owner')}
          defaultValue="operator"
        />
        <TextField name="note" label="Note" description="For yourself: whom it is for." />
      </FormDialog>
    </Section>
  )
}

function NobodyCanJoin() {
  const issuers = useOperation('issuers.list', {})
  if (issuers.data?.issuers.some(({ enabled }) => enabled) ?? true) return null
  return (
    <p className="rounded-md bg-kumo-warning-tint p-3 text-sm">
      Whoever opens an invitation signs in with your organisation, and no issuer is accepted yet:
      add one below. Without one, give people an API key with their name as its owner.
    </p>
  )
}

function InvitationTable({ rows }: { readonly rows: readonly Invitation[] }) {
  const revoke = useChange('invitations.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const end = async ({ id, note, role }: Invitation) => {
    const isSure = await confirm({
      title: 'Make this link worthless?',
      consequence: `The invitation as ${role}${note === '' ? '' : ` (${note})`} can no longer be accepted.`,
      act: 'Revoke',
    })
    if (isSure) revoke.mutate({ id }, { onError: (error) => notify.failed('Not revoked', error) })
  }
  return (
    <SimpleTable
      label="Invitations"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Note', cell: ({ note }) => <CutText text={note || '–'} /> },
        { title: 'Role', cell: ({ role }) => role },
        {
          title: 'State',
          cell: ({ status, accepted_by }) => (
            <>
              <Badge variant={status === 'open' ? 'info' : 'neutral'}>{status}</Badge>{' '}
              {accepted_by !== null && <CutText text={accepted_by} />}
            </>
          ),
        },
        { title: 'By', cell: ({ created_by }) => <CutText text={created_by} /> },
        { title: 'Ends', cell: ({ expires_at }) => <Time at={expires_at} /> },
        {
          title: 'Acts',
          isActions: true,
          cell: (invitation) =>
            invitation.status === 'open' && (
              <Button
                size="sm"
                variant="secondary-destructive"
                onClick={() => void end(invitation)}
              >
                Revoke
              </Button>
            ),
        },
      ]}
    />
  )
}
