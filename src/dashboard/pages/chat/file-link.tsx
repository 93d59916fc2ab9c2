/** A file of the workspace: a button that saves it. */
import { DownloadSimpleIcon } from '@phosphor-icons/react/DownloadSimple'
import { useState } from 'react'
import { useNotify } from '../../ui/notify.ts'
import { downloadFile, type FilePlace } from './files.ts'

export interface FileLinkProps extends FilePlace {
  readonly label?: string
}

export function FileLink({ label, ...place }: FileLinkProps) {
  const notify = useNotify()
  const [isLoading, setLoading] = useState(false)
  const download = async () => {
    setLoading(true)
    await downloadFile(place).catch((error: unknown) =>
      notify.failed(`“${place.path}” could not be downloaded`, error),
    )
    setLoading(false)
  }
  return (
    <button
      type="button"
      disabled={isLoading}
      title={`Download ${place.path}`}
      onClick={() => void download()}
      className="inline-flex max-w-full items-center gap-1 text-left text-kumo-link underline disabled:opacity-60"
    >
      <DownloadSimpleIcon size={14} className="shrink-0" aria-hidden />
      <span className="[overflow-wrap:anywhere]">{label ?? place.path}</span>
    </button>
  )
}
