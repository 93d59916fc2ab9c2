/** Senders of a platform whom nobody knows yet, and those who were let in. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import type { ResultOf } from '../../client/gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { useNotify } from '../../ui/notify.ts'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

type Pairing = ResultOf<'channel.pair.list'>['pairings'][number]

const ASK_EVERY_MS = 10_000

/** Of all channels, or of the one that is named. */
export function PairingRequests({ channel }: { readonly channel?: string }) {
  const pairings = useOperation('channel.pair.list', {}, { everyMs: ASK_EVERY_MS })
  const approve = useChange('channel.pair.approve')
  const deny = useChange('channel.pair.deny')
  const revoke = useChange('channel.pair.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const onError = (error: Error) => notify.failed('Not changed', error)
  const end = async ({ channel: name, sender_id, sender_name }: Pairing) => {
    const isSure = await confirm({
      title: `Let ${sender_name || sender_id} out?`,
      consequence: `The agent no longer answers them on ${name}. They can ask again.`,
      act: 'Let out',
    })
    if (isSure) revoke.mutate({ channel: name, sender_id }, { onError })
  }
  // Strangers ask when they like, and each new one moves the rows: the press alone says not who was meant.
  const letIn = async ({ channel: name, code, sender_id, sender_name }: Pairing) => {
    if (code === null) return
    const isSure = await confirm({
      title: `Let ${sender_name || sender_id} in?`,
      consequence: `${sender_id} writes to the agent on ${name} from now on. Only when whoever told you the code ${code} is who they say they are.`,
      act: 'Let in',
    })
    if (isSure) approve.mutate({ channel: name, code }, { onError })
  }
  const rowsOf = ({ pairings: rows }: ResultOf<'channel.pair.list'>) =>
    rows.filter((row) => channel === undefined || row.channel === channel)
  return (
    <Answer
      query={pairings}
      empty={(answer) =>
        rowsOf(answer).length === 0 ? (
          <Nothing
            title="Nobody has asked"
            description="Whoever writes to an agent for the first time is shown a code, and appears here."
          />
        ) : null
      }
    >
      {(answer) => (
        <SimpleTable
          label="Pairing requests"
          rows={rowsOf(answer)}
          keyOf={({ channel: name, sender_id }) => `${name}/${sender_id}`}
          columns={[
            {
              title: 'Sender',
              cell: ({ sender_id, sender_name }) => (
                <>
                  <CutText text={sender_name || sender_id} />
                  <span className="block text-sm text-kumo-subtle">{sender_id}</span>
                </>
              ),
            },
            { title: 'Channel', cell: ({ channel: name }) => <CutText text={name} /> },
            {
              title: 'State',
              cell: ({ status, code }) =>
                status === 'pending' ? (
                  <>
                    <Badge variant="warning">waiting</Badge>{' '}
                    <span className="font-mono tracking-wider">{code}</span>
                  </>
                ) : (
                  <Badge variant="success">let in</Badge>
                ),
            },
            { title: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
            {
              title: 'Acts',
              isActions: true,
              cell: (row) =>
                row.code === null || row.status === 'approved' ? (
                  <Button size="sm" variant="secondary-destructive" onClick={() => void end(row)}>
                    Let out
                  </Button>
                ) : (
                  <span className="inline-flex gap-2">
                    <Button size="sm" variant="primary" onClick={() => void letIn(row)}>
                      Let in
                    </Button>
                    <Button
                      size="sm"
                      onClick={() =>
                        deny.mutate({ channel: row.channel, code: row.code ?? '' }, { onError })
                      }
                    >
                      Turn away
                    </Button>
                  </span>
                ),
            },
          ]}
        />
      )}
    </Answer>
  )
}
