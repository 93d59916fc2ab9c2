/** A file of the workspace: a button that saves it. */
import { DownloadSimpleIcon } from '@phosphor-icons/react/DownloadSimple'
import { useState } from 'react'
import { downloadFile } from '../../ui/download.ts'
import { useNotify } from '../../ui/notify.ts'
import type { FilePlace } from './files.ts'

export interface FileLinkProps extends FilePlace {
  readonly label?: string
}

export function FileLink({ label, path, agent, user }: FileLinkProps) {
  const notify = useNotify()
  const [isLoading, setLoading] = useState(false)
  const download = async () => {
    setLoading(true)
    await downloadFile(path, agent, user).catch((error: unknown) =>
      notify.failed(`“${path}” could not be downloaded`, error),
    )
    setLoading(false)
  }
  return (
    <button
      type="button"
      disabled={isLoading}
      title={`Download ${path}`}
      onClick={() => void download()}
      className="inline-flex max-w-full items-center gap-1 text-left text-kumo-link underline disabled:opacity-60"
    >
      <DownloadSimpleIcon size={14} className="shrink-0" aria-hidden />
      <span className="[overflow-wrap:anywhere]">{label ?? path}</span>
    </button>
  )
}
