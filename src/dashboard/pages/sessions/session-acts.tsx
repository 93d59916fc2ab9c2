/** What can be done to a session: opened, emptied, deleted. */
import { Button } from '@cloudflare/kumo/components/button'
import { BroomIcon } from '@phosphor-icons/react/Broom'
import { TrashIcon } from '@phosphor-icons/react/Trash'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { forgetConversation } from '../chat/conversations.ts'
import { nameOf } from '../chat/session-name.ts'
import { SESSION_PAGES, type Session } from './use-sessions.ts'

export function SessionActs({ session }: { readonly session: Session }) {
  const confirm = useConfirm()
  const notify = useNotify()
  const mayReset = useMay('sessions.reset')
  const mayDelete = useMay('sessions.delete')
  const reset = useChange('sessions.reset', { alsoStale: [SESSION_PAGES] })
  const remove = useChange('sessions.delete', { alsoStale: [SESSION_PAGES, 'exec.approval'] })
  const { key: sessionKey, messageCount } = session
  const name = nameOf(session)
  const messages = `${messageCount.toLocaleString()} ${messageCount === 1 ? 'message' : 'messages'}`
  const askReset = async () => {
    const isSure = await confirm({
      title: `Empty “${name}”?`,
      consequence: `${messages} of ${sessionKey} are removed, and a run in progress is stopped. This cannot be undone.`,
      act: 'Empty',
    })
    if (!isSure) return
    reset.mutate(
      { sessionKey },
      {
        onSuccess: () => {
          forgetConversation(sessionKey)
          notify.done('The session was emptied')
        },
        onError: (error) => notify.failed('The session was not emptied', error),
      },
    )
  }
  const askDelete = async () => {
    const isSure = await confirm({
      title: `Delete “${name}”?`,
      consequence: `${sessionKey} goes with ${messages}, and a run in progress is stopped. Files of the workspace stay. This cannot be undone.`,
      act: 'Delete',
    })
    if (!isSure) return
    remove.mutate(
      { sessionKey },
      {
        onSuccess: () => {
          forgetConversation(sessionKey)
          notify.done('The session was deleted')
        },
        onError: (error) => notify.failed('The session was not deleted', error),
      },
    )
  }
  return (
    <span className="flex justify-end gap-1">
      {mayReset && (
        <Button
          size="sm"
          variant="ghost"
          shape="square"
          icon={BroomIcon}
          aria-label={`Empty ${name}`}
          title="Empty"
          onClick={() => void askReset()}
        />
      )}
      {mayDelete && (
        <Button
          size="sm"
          variant="ghost"
          shape="square"
          icon={TrashIcon}
          aria-label={`Delete ${name}`}
          title="Delete"
          onClick={() => void askDelete()}
        />
      )}
    </span>
  )
}
