/** Who is signed in through an issuer: oneself, or for admins everybody. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

export function LoginSessions() {
  const sessions = useOperation('login.sessions.list', {})
  const revoke = useChange('login.sessions.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const end = async (id: string, userId: string) => {
    const isSure = await confirm({
      title: `End the sign-in of ${userId}?`,
      consequence: 'Its connections close and its runs stop at once. They can sign in again.',
      act: 'End it',
    })
    if (isSure) revoke.mutate({ id }, { onError: (error) => notify.failed('Not ended', error) })
  }
  return (
    <Section title="Signed in through an organisation">
      <Answer
        query={sessions}
        empty={({ sessions: rows }) =>
          rows.length === 0 ? <Nothing title="Nobody is signed in this way" /> : null
        }
      >
        {({ sessions: rows }) => (
          <SimpleTable
            label="Sign-ins"
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Person',
                cell: ({ user_id, is_current }) => (
                  <span className="as-written">
                    {user_id} {is_current && <Badge variant="info">this one</Badge>}
                  </span>
                ),
              },
              { title: 'Role', cell: ({ role }) => role },
              { title: 'Address', cell: ({ address }) => address },
              { title: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
              { title: 'Ends', cell: ({ expires_at }) => <Time at={expires_at} /> },
              {
                title: 'Acts',
                isActions: true,
                cell: ({ id, user_id }) => (
                  <Button
                    size="sm"
                    variant="secondary-destructive"
                    onClick={() => void end(id, user_id)}
                  >
                    End
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
