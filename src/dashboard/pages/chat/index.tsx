/** Chat: the conversations at the side, and one of them or a new one. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { ChatsIcon } from '@phosphor-icons/react/Chats'
import { FolderOpenIcon } from '@phosphor-icons/react/FolderOpen'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useHello } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Page } from '../../ui/page.tsx'
import { ConversationView } from './conversation-view.tsx'
import { NewConversation } from './new-conversation.tsx'
import { SessionList } from './session-list.tsx'
import { agentOf, nameOf } from './session-name.ts'

const FilesPanel = lazy(() => import('./files-panel.tsx'))

const LATEST = 50

export default function ChatPage() {
  const { sessionKey } = useParams({ strict: false }) as { readonly sessionKey?: string }
  const { user_id: me } = useHello()
  const navigate = useNavigate()
  const [isListOpen, setListOpen] = useState(false)
  const [isFilesOpen, setFilesOpen] = useState(false)
  const [edits, setEdits] = useState(0)
  const sessions = useOperation('sessions.list', { limit: LATEST })
  const session = sessions.data?.sessions.find(({ key }) => key === sessionKey)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each address the list has done its work
  useEffect(() => setListOpen(false), [sessionKey])
  const begin = () => void navigate({ to: '/chat' })
  // Of a session that is not among the latest, its workspace tells whose it is.
  const { data: place } = useOperation(
    'workspaces.files',
    { agentId: agentOf(sessionKey ?? ''), session_key: sessionKey ?? null, limit: 1 },
    { enabled: sessionKey !== undefined && sessions.isFetched && session === undefined },
  )
  const whose = session?.userID ?? place?.userId
  const owner = whose === me ? undefined : whose
  return (
    <Page
      title="Chat"
      fillsHeight
      {...(sessionKey === undefined ? {} : { description: nameOf(session ?? { key: sessionKey }) })}
      actions={
        <>
          <span className="lg:hidden">
            <Button size="sm" icon={ChatsIcon} onClick={() => setListOpen(true)}>
              Conversations
            </Button>
          </span>
          {sessionKey !== undefined && (
            <Button size="sm" icon={FolderOpenIcon} onClick={() => setFilesOpen(true)}>
              Files
            </Button>
          )}
          <Button size="sm" icon={PlusIcon} variant="primary" onClick={begin}>
            New conversation
          </Button>
        </>
      }
    >
      <div className="flex min-h-0 flex-1 gap-4">
        <div className="hidden w-64 shrink-0 flex-col border-r border-kumo-line pr-3 lg:flex">
          <SessionList />
        </div>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {sessionKey === undefined ? (
            <NewConversation />
          ) : (
            <ConversationView
              key={`${sessionKey}/${edits}`}
              sessionKey={sessionKey}
              owner={owner}
              onEdit={() => setEdits(edits + 1)}
            />
          )}
        </div>
      </div>
      {isFilesOpen && sessionKey !== undefined && (
        <Suspense fallback={null}>
          <FilesPanel
            agent={agentOf(sessionKey)}
            user={owner}
            onClose={() => setFilesOpen(false)}
          />
        </Suspense>
      )}
      <Dialog.Root open={isListOpen} onOpenChange={setListOpen}>
        <Dialog className="flex max-h-[85vh] flex-col gap-3 overflow-auto p-4">
          <Dialog.Title className="font-semibold">Conversations</Dialog.Title>
          <SessionList />
        </Dialog>
      </Dialog.Root>
    </Page>
  )
}
