/** What a session is called; changed where it stands. */
import { Button } from '@cloudflare/kumo/components/button'
import { PencilSimpleIcon } from '@phosphor-icons/react/PencilSimple'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useChange } from '../../client/use-operation.ts'
import { COMPACT } from '../../ui/labelled.tsx'
import { useNotify } from '../../ui/notify.ts'
import { nameOf } from '../chat/session-name.ts'
import { SESSION_PAGES, type Session } from './use-sessions.ts'

const MAX_LABEL_CHARS = 200

export interface LabelCellProps {
  readonly session: Session
  readonly mayEdit: boolean
}

export function LabelCell({ session, mayEdit }: LabelCellProps) {
  const [isEditing, setEditing] = useState(false)
  const name = nameOf(session)
  if (isEditing) return <LabelField session={session} onDone={() => setEditing(false)} />
  return (
    <span className="flex min-w-0 items-center gap-1">
      <Link
        to="/chat/$sessionKey"
        params={{ sessionKey: session.key }}
        title={session.key}
        className="min-w-0 truncate text-kumo-link hover:underline"
      >
        {name}
      </Link>
      {mayEdit && (
        <Button
          size="xs"
          variant="ghost"
          shape="square"
          icon={PencilSimpleIcon}
          className="min-h-6 min-w-6"
          aria-label={`Rename ${name}`}
          onClick={() => setEditing(true)}
        />
      )}
    </span>
  )
}

interface LabelFieldProps {
  readonly session: Session
  readonly onDone: () => void
}

function LabelField({ session, onDone }: LabelFieldProps) {
  const [label, setLabel] = useState(session.label ?? '')
  const field = useRef<HTMLInputElement>(null)
  const notify = useNotify()
  const patch = useChange('sessions.patch', { onDone, alsoStale: [SESSION_PAGES] })
  useEffect(() => field.current?.select(), [])
  const save = () => {
    if (label.trim() === (session.label ?? '')) return onDone()
    patch.mutate(
      { sessionKey: session.key, label: label.trim() },
      { onError: (error) => notify.failed('The label was not changed', error) },
    )
  }
  return (
    <form
      className="flex min-w-0 items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <input
        ref={field}
        aria-label="Label"
        value={label}
        maxLength={MAX_LABEL_CHARS}
        onChange={({ target }) => setLabel(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && onDone()}
        className={`${COMPACT} flex-1`}
      />
      <Button size="xs" type="submit" variant="primary" loading={patch.isPending}>
        Save
      </Button>
      <Button size="xs" variant="ghost" onClick={onDone}>
        Cancel
      </Button>
    </form>
  )
}
