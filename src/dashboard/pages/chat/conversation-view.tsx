/** One conversation: what was said, what waits, and where the next message is written. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Failure, Loading, Nothing } from '../../ui/states.tsx'
import { Composer } from './composer.tsx'
import { type Outgoing, runningOf } from './conversation.ts'
import { conversationOf, keepDraft } from './conversations.ts'
import { InlineApprovals } from './inline-approvals.tsx'
import { agentOf } from './session-name.ts'
import { Transcript } from './transcript.tsx'
import { WorkspaceContext } from './workspace-context.ts'

/** The gateway names the owner's sockets for each run by itself; it may forget whoever else looks on. */
const CATCH_UP_MS = 30_000

export interface ConversationViewProps {
  readonly sessionKey: string
  /** Whose it is, where it is somebody else's. */
  readonly owner: string | undefined
  readonly onEdit: () => void
}

export function ConversationView({ sessionKey, owner, onEdit }: ConversationViewProps) {
  const live = conversationOf(sessionKey)
  const conversation = useSyncExternalStore(live.watch, () => live.value)
  const agent = agentOf(sessionKey)
  const maySend = useMay('chat.send')
  const notify = useNotify()
  const stop = useChange('chat.stop')
  const workspace = useMemo(
    () => ({ agent, ...(owner === undefined ? {} : { user: owner }) }),
    [agent, owner],
  )
  useEffect(() => {
    const timer = setInterval(() => document.hidden || live.catchUp(), CATCH_UP_MS)
    return () => clearInterval(timer)
  }, [live])
  const send = (text: string) => void live.send(text)
  const edit = ({ key, text }: Outgoing) => {
    live.withdraw(key)
    keepDraft(sessionKey, text)
    onEdit()
  }
  const isEmpty =
    conversation.history.length + conversation.runs.length + conversation.outgoing.length === 0
  if (conversation.state === 'failed' && isEmpty)
    return <Failure error={conversation.error} onRetry={() => live.reload()} />
  return (
    <WorkspaceContext value={workspace}>
      <div className="flex min-h-0 flex-1 flex-col gap-2">
        {conversation.state === 'loading' ? (
          <div className="flex-1">
            <Loading what="Reading the conversation" />
          </div>
        ) : isEmpty ? (
          <div className="grid flex-1 place-items-center">
            <Nothing
              title="Nothing was said here yet"
              description={maySend ? 'Write the first message.' : 'Your role may only read.'}
            />
          </div>
        ) : (
          <Transcript
            conversation={conversation}
            onEarlier={() => live.loadEarlier()}
            onWithdraw={edit}
            onRepeat={({ key, text }) => {
              live.withdraw(key)
              send(text)
            }}
          >
            <InlineApprovals sessionKey={sessionKey} />
          </Transcript>
        )}
        <Composer
          place={sessionKey}
          agent={agent}
          isRunning={runningOf(conversation) !== null && maySend}
          onSend={send}
          onStop={() =>
            stop.mutate(
              { sessionKey },
              { onError: (error) => notify.failed('The run was not stopped', error) },
            )
          }
          closedBecause={maySend ? null : 'Your role may read this conversation, not write in it'}
        />
      </div>
    </WorkspaceContext>
  )
}
