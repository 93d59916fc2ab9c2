/** The files of the conversation's workspace, to be saved. */
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Link } from '@tanstack/react-router'
import { useOperation } from '../../client/use-operation.ts'
import { formatBytes } from '../../ui/numbers.ts'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { FileLink } from './file-link.tsx'

const SHOWN = 200

export interface FilesPanelProps {
  readonly agent: string
  /** Whose, where they are somebody else's. */
  readonly user: string | undefined
  readonly onClose: () => void
}

export default function FilesPanel({ agent, user, onClose }: FilesPanelProps) {
  const place = { agentId: agent, ...(user === undefined ? {} : { user_id: user }) }
  const files = useOperation('workspaces.files', { ...place, limit: SHOWN })
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog className="flex max-h-[85vh] flex-col gap-3 overflow-auto p-4">
        <Dialog.Title className="text-lg font-semibold">Files</Dialog.Title>
        <Answer
          query={files}
          what="Reading files"
          empty={({ files: all }) =>
            all.length === 0 ? (
              <p className="text-kumo-subtle">
                The workspace is empty. What you attach or the agent writes appears here.
              </p>
            ) : null
          }
        >
          {({ files: all, next }) => (
            <>
              <ul className="flex flex-col divide-y divide-kumo-hairline">
                {all.map(({ path, size, untrusted, changedAt }) => (
                  <li key={path} className="flex flex-wrap items-baseline gap-x-3 py-2">
                    <span className="min-w-0 flex-1 basis-48">
                      <FileLink
                        path={path}
                        agent={agent}
                        {...(user === undefined ? {} : { user })}
                      />
                    </span>
                    {untrusted && (
                      <span className="text-xs font-medium" title="Text from outside may be in it">
                        from outside
                      </span>
                    )}
                    <span className="text-xs text-kumo-subtle">
                      {formatBytes(size)}
                      {changedAt !== null && (
                        <>
                          {' · '}
                          <Time at={changedAt} />
                        </>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
              {next !== null && (
                <Link to="/workspaces" className="text-kumo-link underline">
                  There are more: open the workspaces
                </Link>
              )}
            </>
          )}
        </Answer>
      </Dialog>
    </Dialog.Root>
  )
}
