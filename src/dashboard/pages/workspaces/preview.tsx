/** What is in a file: text as text, pictures as pictures, all else to download. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { codeOf } from '../../client/refusal.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { downloadFile } from '../../ui/download.ts'
import { useNotify } from '../../ui/notify.ts'
import { formatBytes } from '../../ui/numbers.ts'
import { Answer } from '../../ui/states.tsx'
import { MAX_TEXT_BYTES, type Shown, shownOf } from './content.ts'
import { type Place, readStart, remove } from './files.ts'
import { type FileRow, nameOf } from './paths.ts'
import { useFileChange } from './use-files.ts'

export interface PreviewProps {
  readonly place: Place
  readonly path: string
  readonly mayWrite: boolean
  /** Null: it is not on the pages that were loaded. */
  readonly file: FileRow | null
  /** All pages were loaded, and it is on none. */
  readonly isMissing: boolean
  readonly onClose: () => void
}

export function Preview({ place, path, mayWrite, file, isMissing, onClose }: PreviewProps) {
  const content = useQuery({
    // No list of files: what makes those stale leaves this as it was read.
    queryKey: ['file', place, path, file?.size, file?.changedAt],
    queryFn: ({ signal }) => readStart(place, path, file?.size ?? Number.MAX_SAFE_INTEGER, signal),
    gcTime: 60_000,
    enabled: !isMissing,
  })
  // Gone since it was listed: it is asked for by its name alone.
  const isGone = isMissing || codeOf(content.error) === 'NOT_FOUND'
  return (
    <section
      aria-label={`File ${nameOf(path)}`}
      className="flex min-w-0 flex-col gap-3 rounded-lg bg-kumo-base p-4 ring ring-kumo-line"
    >
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="as-written font-semibold">{nameOf(path)}</h2>
          <p className="as-written flex flex-wrap items-center gap-2 text-sm text-kumo-subtle">
            {file !== null && formatBytes(file.size)}
            {file?.untrusted === true && (
              <Badge variant="warning">May hold text from outside</Badge>
            )}
          </p>
        </div>
        <div className="flex gap-2">
          {!isGone && <Acts place={place} path={path} mayWrite={mayWrite} onClose={onClose} />}
          <Button size="sm" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
      {isGone ? (
        <p className="text-kumo-subtle">There is no such file here (any more).</p>
      ) : (
        <Answer query={content} what="Loading the file">
          {(bytes) => (
            <Content bytes={bytes} shown={shownOf(bytes)} name={nameOf(path)} file={file} />
          )}
        </Answer>
      )}
    </section>
  )
}

function Acts({ place, path, mayWrite, onClose }: Omit<PreviewProps, 'file' | 'isMissing'>) {
  const confirm = useConfirm()
  const notify = useNotify()
  const erase = useFileChange(async () => {
    await remove(place, path)
    // Before the lists are asked anew: what is gone is not looked at once more.
    onClose()
  })
  const [isBusy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    try {
      await downloadFile(path, place.agent, place.isOwn ? undefined : place.user)
    } catch (error) {
      notify.failed('The file could not be downloaded', error)
    } finally {
      setBusy(false)
    }
  }
  const ask = async () => {
    const question = {
      title: `Delete ${nameOf(path)}?`,
      consequence: 'The file goes from your workspace and cannot be brought back.',
      act: 'Delete',
    }
    if (!(await confirm(question))) return
    erase.mutate(undefined, {
      onSuccess: () => notify.done(`${nameOf(path)} was deleted.`),
      onError: (error) => notify.failed('The file was not deleted', error),
    })
  }
  return (
    <>
      <Button size="sm" loading={isBusy} onClick={() => void download()}>
        Download
      </Button>
      {mayWrite && (
        <Button size="sm" loading={erase.isPending} onClick={() => void ask()}>
          Delete
        </Button>
      )}
    </>
  )
}

interface ContentProps {
  readonly bytes: Uint8Array
  readonly shown: Shown
  readonly name: string
  readonly file: FileRow | null
}

function Content({ bytes, shown, name, file }: ContentProps) {
  const isWhole = file === null || bytes.length >= file.size
  if (shown.kind === 'unreadable' || (shown.kind === 'picture' && !isWhole))
    return <p className="text-kumo-subtle">This cannot be shown here. Download it instead.</p>
  if (shown.kind === 'picture') return <Picture bytes={bytes} type={shown.type} name={name} />
  if (shown.text === '') return <p className="text-kumo-subtle">The file is empty.</p>
  return (
    <>
      {!isWhole && (
        <p role="status" className="text-sm text-kumo-subtle">
          The first {formatBytes(MAX_TEXT_BYTES)}. Download it to see the rest.
        </p>
      )}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
        tabIndex={0}
        className="as-written max-h-[65vh] overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs leading-5"
      >
        {shown.text}
      </pre>
    </>
  )
}

function Picture({ bytes, type, name }: { bytes: Uint8Array; type: string; name: string }) {
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes as BlobPart], { type }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, type])
  if (address === null) return null
  return (
    <img
      src={address}
      alt={name}
      className="max-h-[65vh] max-w-full self-center rounded-lg object-contain ring ring-kumo-line"
    />
  )
}
