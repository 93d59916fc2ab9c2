/** All sessions that the caller may see, newest first; what is looked for is in the address. */
import { Input } from '@cloudflare/kumo/components/input'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import { type Column, DataList, failedPage } from '../../ui/data-list.tsx'
import { formatCount } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { type Address, useAddress } from '../../ui/use-address.ts'
import { useTyped } from '../../ui/use-typed.ts'
import { agentOf } from '../chat/session-name.ts'
import { LabelCell } from './label-cell.tsx'
import { SessionActs } from './session-acts.tsx'
import { type Session, type SessionFilter, useSessions } from './use-sessions.ts'

const ALL = ['', 'All'] as const

const filterOf = ({ agent, channel, q }: Address): SessionFilter => ({
  ...(agent ? { agentId: agent } : {}),
  ...(channel ? { channel } : {}),
  ...(q ? { search: q } : {}),
})

const columnsFor = (mayEdit: boolean): readonly Column<Session>[] => [
  {
    title: 'Session',
    width: 'minmax(8rem, 3fr)',
    cell: (session) => <LabelCell session={session} mayEdit={mayEdit} />,
  },
  {
    title: 'Agent',
    width: '6rem',
    isSecondary: true,
    cell: ({ key }) => agentOf(key),
  },
  {
    title: 'Person',
    width: 'minmax(5rem, 1fr)',
    isSecondary: true,
    cell: ({ userID }) => <span title={userID}>{userID}</span>,
  },
  { title: 'Channel', width: '4.5rem', isSecondary: true, cell: ({ channel }) => channel },
  {
    title: 'Model',
    width: 'minmax(6rem, 1.5fr)',
    isSecondary: true,
    cell: ({ provider, model }) => [provider, model].filter(Boolean).join('/'),
  },
  {
    title: 'Messages',
    width: '5rem',
    isSecondary: true,
    cell: ({ messageCount }) => formatCount(messageCount),
  },
  {
    title: 'Tokens',
    width: '4.5rem',
    isSecondary: true,
    cell: ({ inputTokens = 0, outputTokens = 0 }) => (
      <span title={`${inputTokens.toLocaleString()} in, ${outputTokens.toLocaleString()} out`}>
        {formatCount(inputTokens + outputTokens)}
      </span>
    ),
  },
  { title: 'Updated', width: '6rem', cell: ({ updated }) => <Time at={updated} /> },
  {
    title: 'Actions',
    width: '4.5rem',
    cell: (session) => <SessionActs session={session} />,
  },
]

/** The same objects at each draw: rows that are there need not be drawn anew. */
const EDITABLE = columnsFor(true)
const READ_ONLY = columnsFor(false)

export default function SessionsPage() {
  const [search, look] = useAddress()
  const mayEdit = useMay('sessions.patch')
  const agents = useOperation('agents.list', {})
  const [typed, setTyped] = useTyped(search['q'] ?? '', (q) => look({ q }))
  const { query, sessions, total } = useSessions(filterOf(search))
  const isFiltered = Object.keys(filterOf(search)).length > 0
  return (
    <Page
      title="Sessions"
      description="Every conversation of an agent: in the chat, in channels, by schedule and by other agents."
    >
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-full sm:w-64">
          <Input
            label="Search"
            type="search"
            placeholder="Part of a label"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </div>
        <InlineChoice
          label="Agent"
          value={search['agent'] ?? ''}
          options={[ALL, ...(agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const)]}
          onChange={(agent) => look({ agent })}
        />
        <ChannelFilter value={search['channel'] ?? ''} onChange={(channel) => look({ channel })} />
        <p role="status" className="ml-auto text-kumo-subtle">
          {query.data === undefined
            ? ''
            : `${total.toLocaleString()} ${total === 1 ? 'session' : 'sessions'}`}
        </p>
      </div>
      <Answer
        query={query}
        what="Reading sessions"
        empty={() =>
          sessions.length > 0 ? null : isFiltered ? (
            <Nothing title="No session matches" description="Change the search or the filters." />
          ) : (
            <Nothing
              title="No sessions yet"
              description="A session begins with the first message to an agent."
              action={
                <Link to="/chat" className="text-kumo-link underline">
                  Write to an agent
                </Link>
              }
            />
          )
        }
      >
        {() => (
          <DataList
            label="Sessions"
            columns={mayEdit ? EDITABLE : READ_ONLY}
            rows={sessions}
            keyOf={({ key }) => key}
            hasMore={query.hasNextPage}
            isLoadingMore={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
            failure={failedPage(query)}
            height="calc(100vh - 16rem)"
          />
        )}
      </Answer>
    </Page>
  )
}

interface ChannelFilterProps {
  readonly value: string
  readonly onChange: (channel: string) => void
}

/** The platforms that this tenant has, as session keys name them, beside what needs no platform. */
function ChannelFilter({ value, onChange }: ChannelFilterProps) {
  const { data } = useOperation('channels.list', {})
  const own = (data?.channels ?? []).map(({ channel_type }) => channel_type)
  const names = [...new Set(['ws', 'cron', 'subagent', ...own, ...(value ? [value] : [])])]
  return (
    <InlineChoice
      label="Channel"
      value={value}
      options={[ALL, ...names.map((name) => [name, name === 'ws' ? 'Chat (ws)' : name] as const)]}
      onChange={onChange}
    />
  )
}
