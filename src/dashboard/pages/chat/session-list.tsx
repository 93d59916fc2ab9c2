/** The latest conversations, beside the one that is shown. */
import { Link } from '@tanstack/react-router'
import { useOperation } from '../../client/use-operation.ts'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { nameOf } from './session-name.ts'

const LATEST = 50

export function SessionList() {
  const sessions = useOperation('sessions.list', { limit: LATEST })
  return (
    <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto">
      <Answer
        query={sessions}
        what="Reading conversations"
        empty={({ sessions: all }) =>
          all.length === 0 ? (
            <p className="p-2 text-kumo-subtle">
              No conversations yet. Write to an agent to begin one.
            </p>
          ) : null
        }
      >
        {({ sessions: all, total }) => (
          <>
            <ul className="flex flex-col gap-0.5">
              {all.map((session) => (
                <li key={session.key}>
                  <Link
                    to="/chat/$sessionKey"
                    params={{ sessionKey: session.key }}
                    title={session.key}
                    className="flex flex-col rounded-md px-2 py-1.5 hover:bg-kumo-tint [&:hover_span]:text-kumo-default"
                    activeProps={{
                      className: 'bg-kumo-tint [&_span]:text-kumo-default',
                      'aria-current': 'page',
                    }}
                  >
                    <span className="truncate">{nameOf(session)}</span>
                    <span className="truncate text-xs text-kumo-subtle">
                      <Time at={session.updated} />
                      {session.channel !== 'ws' && ` · ${session.channel ?? ''}`}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
            {total > all.length && (
              <Link to="/sessions" className="block px-2 py-2 text-sm text-kumo-link underline">
                All {total.toLocaleString()} sessions
              </Link>
            )}
          </>
        )}
      </Answer>
    </nav>
  )
}
