/** Browsers that ask to be let in, and those that were. */
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
import { Page, Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { LoginSessions } from './login-sessions.tsx'

type Devices = ResultOf<'device.pair.list'>
type Pending = Devices['pending'][number]
type Paired = Devices['paired'][number]

export default function DevicesPage() {
  const devices = useOperation('device.pair.list', {})
  return (
    <Page title="Devices" description="Browsers that people use without a key of their own.">
      <Answer query={devices} what="Asking for devices">
        {({ pending, paired }) => (
          <>
            <Section title="Waiting for you">
              <Waiting rows={pending} />
            </Section>
            <Section title="Let in">
              <LetIn rows={paired} />
            </Section>
          </>
        )}
      </Answer>
      <LoginSessions />
    </Page>
  )
}

function Waiting({ rows }: { readonly rows: readonly Pending[] }) {
  const [chosen, setChosen] = useState<Pending | null>(null)
  const approve = useChange('device.pair.approve')
  const deny = useChange('device.pair.deny')
  const mayDecide = useMay('device.pair.approve')
  const notify = useNotify()
  if (rows.length === 0)
    return (
      <Nothing
        title="Nobody is waiting"
        description="Whoever chooses “Ask an admin” on the sign-in page appears here with a code."
      />
    )
  return (
    <>
      <SimpleTable
        label="Browsers that ask to be let in"
        rows={rows}
        keyOf={({ senderId }) => senderId}
        columns={[
          {
            title: 'Code',
            cell: ({ code }) => <span className="font-mono tracking-wider">{code}</span>,
          },
          { title: 'Browser', cell: ({ userAgent }) => <CutText text={userAgent || 'not said'} /> },
          { title: 'Address', cell: ({ address }) => address },
          { title: 'Asked', cell: ({ createdAt }) => <Time at={createdAt} /> },
          {
            title: 'Decide',
            isActions: true,
            cell: (row) =>
              mayDecide && (
                <span className="inline-flex gap-2">
                  <Button size="sm" variant="primary" onClick={() => setChosen(row)}>
                    Approve
                  </Button>
                  <Button
                    size="sm"
                    onClick={() =>
                      deny.mutate(
                        { code: row.code },
                        { onError: (error) => notify.failed('Not denied', error) },
                      )
                    }
                  >
                    Deny
                  </Button>
                </span>
              ),
          },
        ]}
      />
      <FormDialog
        title="Let this browser in"
        description={`Only when the person who told you the code ${chosen?.code ?? ''} is who they say they are.`}
        act="Let in for 30 days"
        isOpen={chosen !== null}
        onClose={() => setChosen(null)}
        onSubmit={async (form) => {
          if (chosen === null) return
          const userId = textIn(form, 'user_id')
          await approve.mutateAsync({
            code: chosen.code,
            role: form.get('role') === 'operator' ? 'operator' : 'viewer',
            ...(userId === null ? {} : { user_id: userId }),
          })
          notify.done('The browser is let in')
        }}
      >
        <SelectField
          name="role"
          label="Role"
          options={[
            ['operator', 'Operator: talks to agents'],
            ['viewer', 'Viewer: only looks'],
          ]}
        />
        <TextField
          name="user_id"
          label="Acts as"
          description="A member of the tenant. Empty: a user of its own, who sees nothing of others."
        />
      </FormDialog>
    </>
  )
}

function LetIn({ rows }: { readonly rows: readonly Paired[] }) {
  const revoke = useChange('device.pair.revoke')
  const mayRevoke = useMay('device.pair.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  if (rows.length === 0) return <Nothing title="No browser has been let in" />
  const end = async ({ senderId, channel, user_id, userAgent }: Paired) => {
    const isSure = await confirm({
      title: `End the device of ${user_id}?`,
      consequence: `${userAgent || senderId}\nIts connections close and its runs stop at once. It can ask to be let in again.`,
      act: 'End it',
    })
    if (!isSure) return
    revoke.mutate(
      { senderId, channel },
      {
        onSuccess: () => notify.done('The device is out'),
        onError: (error) => notify.failed('Not ended', error),
      },
    )
  }
  return (
    <SimpleTable
      label="Browsers that were let in"
      rows={rows}
      keyOf={({ senderId, channel }) => `${channel}/${senderId}`}
      columns={[
        { title: 'Acts as', cell: ({ user_id }) => <CutText text={user_id} /> },
        { title: 'Role', cell: ({ role }) => <Badge variant="secondary">{role}</Badge> },
        { title: 'Browser', cell: ({ userAgent }) => <CutText text={userAgent || 'not said'} /> },
        { title: 'Let in by', cell: ({ pairedBy }) => <CutText text={pairedBy} /> },
        { title: 'Ends', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
        {
          title: 'Acts',
          isActions: true,
          cell: (row) =>
            mayRevoke && (
              <Button size="sm" variant="secondary-destructive" onClick={() => void end(row)}>
                End
              </Button>
            ),
        },
      ]}
    />
  )
}
