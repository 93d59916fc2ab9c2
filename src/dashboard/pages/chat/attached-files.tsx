/** What goes with the next message, and what could not be taken. */
import { FileIcon } from '@phosphor-icons/react/File'
import { XIcon } from '@phosphor-icons/react/X'
import { formatBytes } from '../../ui/numbers.ts'
import type { Attachment } from './use-attachments.ts'

export interface AttachedFilesProps {
  readonly files: readonly Attachment[]
  readonly onRemove: (id: number) => void
}

export function AttachedFiles({ files, onRemove }: AttachedFilesProps) {
  if (files.length === 0) return null
  return (
    <ul aria-label="Attached files" className="flex flex-wrap gap-2 p-1">
      {files.map(({ id, name, size, state, detail }) => (
        <li
          key={id}
          className={`flex max-w-full min-w-0 items-center gap-2 rounded-md px-2 py-1 text-sm ${state === 'failed' ? 'bg-kumo-danger-tint' : 'bg-kumo-tint'}`}
        >
          <FileIcon size={16} aria-hidden className="shrink-0" />
          <span className="truncate">{name}</span>
          <span className="shrink-0 text-xs text-kumo-subtle" role="status">
            {state === 'uploading' ? 'uploading…' : state === 'failed' ? detail : formatBytes(size)}
          </span>
          <button
            type="button"
            aria-label={`Remove ${name}`}
            className="shrink-0 rounded p-1 hover:bg-kumo-fill-hover"
            onClick={() => onRemove(id)}
          >
            <XIcon size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  )
}
