/** What the hook blocked, and where it failed, as the security log has it. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Alarm, Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { EVENTS, type Hook, type HookEvent } from './hook.ts'
import { isLeftAlone, isOf, rowOf } from './trouble.ts'

/** Of all hooks together: older ones stand under Security. */
const LATEST = 200
const SHOWN = 10

const pointOf = (point: string): string =>
  Object.hasOwn(EVENTS, point) ? EVENTS[point as HookEvent].title : point

export function HookEvents({ hook: { name } }: { readonly hook: Hook }) {
  const maySee = useMay('security.events.list')
  const read = { enabled: maySee }
  const failed = useOperation('security.events.list', { name: 'hook_failed', limit: LATEST }, read)
  const blocked = useOperation(
    'security.events.list',
    { name: 'hook_blocked', limit: LATEST },
    read,
  )
  if (!maySee) return null
  const data =
    failed.data &&
    blocked.data &&
    [...failed.data.events, ...blocked.data.events].filter((each) => isOf(each, name))
  const query = {
    data,
    error: failed.error ?? blocked.error,
    refetch: () => Promise.all([failed.refetch(), blocked.refetch()]),
  }
  return (
    <Section title="What it did">
      <Answer
        query={query}
        what="Looking at the security log"
        empty={(events) =>
          events.length > 0 ? null : (
            <Nothing
              title="It neither blocked nor failed lately"
              description="What it lets pass leaves no line here."
            />
          )
        }
      >
        {(events) => (
          <>
            {isLeftAlone(events, Date.now()) && (
              <Alarm>
                It failed five times in a row: parts of the gateway do not ask it for 30 seconds.
              </Alarm>
            )}
            <SimpleTable
              label="What it did"
              rows={events
                .map(rowOf)
                .toSorted((a, b) => b.at.localeCompare(a.at))
                .slice(0, SHOWN)}
              keyOf={({ id }) => id}
              columns={[
                { title: 'When', cell: ({ at }) => <Time at={at} /> },
                {
                  title: 'What',
                  cell: ({ isBlock }) =>
                    isBlock ? (
                      <Badge variant="neutral">blocked</Badge>
                    ) : (
                      <Badge variant="error">failed</Badge>
                    ),
                },
                { title: 'Asked when', cell: ({ point }) => pointOf(point) },
                { title: 'Why', cell: ({ reason }) => reason },
                {
                  title: 'The run',
                  cell: ({ isStopped }) => (isStopped ? 'was held up' : 'went on'),
                },
              ]}
            />
          </>
        )}
      </Answer>
    </Section>
  )
}
