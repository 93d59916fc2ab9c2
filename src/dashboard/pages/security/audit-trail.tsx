/** Every change and every event in order; proven, and handed out with its MACs. */
import type { ParamsOf } from '../../client/gateway.ts'
import { useFeed } from '../../client/use-feed.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import type { Column } from '../../ui/data-list.tsx'
import { FeedList } from '../../ui/feed-list.tsx'
import { Section } from '../../ui/page.tsx'
import { Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { AuditExport } from './audit-export.tsx'
import { AuditProof } from './audit-proof.tsx'
import { actorOf, type Open, recordLine, textOf } from './event-fields.ts'

const PAGE_ROWS = 100
const EVERY_MS = 15_000

const COLUMNS: readonly Column<Open>[] = [
  {
    title: 'No.',
    width: '4.5rem',
    cell: (row) => <span className="tabular-nums">{textOf(row, 'sequence')}</span>,
  },
  {
    title: 'When',
    width: '7rem',
    isSecondary: true,
    cell: (row) => <Time at={textOf(row, 'created_at')} />,
  },
  {
    title: 'Kind',
    width: '5rem',
    isSecondary: true,
    cell: (row) => (textOf(row, 'kind') === 'change' ? 'Change' : 'Event'),
  },
  {
    title: 'What',
    width: 'minmax(10rem, 1fr)',
    cell: (row) => <span className="font-medium">{textOf(row, 'name')}</span>,
  },
  { title: 'By', width: 'minmax(5rem, 0.5fr)', cell: (row) => actorOf(row) },
  {
    title: 'Details',
    width: 'minmax(0, 2fr)',
    isSecondary: true,
    cell: (row) => (
      <span className="font-mono text-xs" title={recordLine(row)}>
        {recordLine(row)}
      </span>
    ),
  },
]

const sequenceOf = (row: Open): string => textOf(row, 'sequence')

export function AuditTrail() {
  const [address, change] = useAddress()
  const { records } = address
  const kind = records === 'change' || records === 'event' ? records : ''
  const params: ParamsOf<'audit.list'> = {
    limit: PAGE_ROWS,
    ...(kind === '' ? {} : { kind }),
  }
  const feed = useFeed('audit.list', params, {
    pageOf: ({ records, next }) => ({ rows: records, next }),
    keyOf: sequenceOf,
    read: { everyMs: EVERY_MS },
  })
  return (
    <Section title="Audit trail" actions={<AuditExport />}>
      <AuditProof />
      <InlineChoice
        label="Kind"
        value={kind}
        options={[
          ['', 'All'],
          ['change', 'Changes'],
          ['event', 'Security events'],
        ]}
        onChange={(value) => change({ records: value || null })}
      />
      <FeedList
        feed={feed}
        what="Reading the audit trail"
        label="Audit records"
        columns={COLUMNS}
        keyOf={sequenceOf}
        empty={
          <Nothing
            title="Nothing is recorded"
            description="Each change of the set-up and each security event is recorded here."
          />
        }
      />
    </Section>
  )
}
