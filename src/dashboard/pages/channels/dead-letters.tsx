/** Messages of a channel that could not be answered: begun anew, or dropped. */
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

export function DeadLetters({ id }: { readonly id: string }) {
  const maySee = useMay('channels.deliveries.list')
  const letters = useOperation('channels.deliveries.list', { id }, { enabled: maySee })
  const replay = useChange('channels.deliveries.replay')
  const discard = useChange('channels.deliveries.discard')
  const confirm = useConfirm()
  const notify = useNotify()
  const onError = (error: Error) => notify.failed('That did not work', error)
  const drop = async (delivery: number, text: string) => {
    const isSure = await confirm({
      title: 'Drop this message?',
      consequence: `${text}\nIt is not answered any more.`,
      act: 'Drop',
    })
    if (isSure) discard.mutate({ id, deliveries: [delivery] }, { onError })
  }
  if (!maySee) return null
  return (
    <Section
      title="Could not be answered"
      actions={
        (letters.data?.deliveries.length ?? 0) > 1 && (
          <Button
            size="sm"
            onClick={() =>
              replay.mutate(
                { id },
                { onError, onSuccess: ({ replayed }) => notify.done(`${replayed} begun anew`) },
              )
            }
          >
            Begin all anew
          </Button>
        )
      }
    >
      <Answer
        query={letters}
        empty={({ deliveries }) =>
          deliveries.length === 0 ? <Nothing title="Everything was answered" /> : null
        }
      >
        {({ deliveries }) => (
          <SimpleTable
            label="Messages that could not be answered"
            rows={deliveries}
            keyOf={(row) => String(row.id)}
            columns={[
              { title: 'Message', cell: ({ text }) => <CutText text={text} /> },
              { title: 'From', cell: ({ sender_id }) => <CutText text={sender_id} /> },
              { title: 'Why', cell: ({ error }) => <CutText text={error} /> },
              { title: 'When', cell: ({ received_at }) => <Time at={received_at} /> },
              {
                title: 'Acts',
                isActions: true,
                cell: (row) => (
                  <span className="inline-flex gap-2">
                    <Button
                      size="sm"
                      onClick={() => replay.mutate({ id, deliveries: [row.id] }, { onError })}
                    >
                      Begin anew
                    </Button>
                    <Button
                      size="sm"
                      variant="secondary-destructive"
                      onClick={() => void drop(row.id, row.text)}
                    >
                      Drop
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
