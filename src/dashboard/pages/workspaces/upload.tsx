/** Files into one's own workspace, into the folder that is looked at. */
import { Button } from '@cloudflare/kumo/components/button'
import { UploadSimpleIcon } from '@phosphor-icons/react/UploadSimple'
import { useRef } from 'react'
import { gateway } from '../../client/gateway.ts'
import { currentVisit } from '../../client/visit.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { type Place, takenOf, upload } from './files.ts'
import { useFileChange } from './use-files.ts'

/** So many names are said of those that are replaced. */
const SAID = 10

export interface UploadProps {
  readonly place: Place
  readonly prefix: string
}

interface Sending {
  readonly files: readonly File[]
  readonly visit: AbortSignal
}

export function Upload({ place, prefix }: UploadProps) {
  const input = useRef<HTMLInputElement>(null)
  const notify = useNotify()
  const confirm = useConfirm()
  const isMeant = async (files: readonly File[], visit: AbortSignal): Promise<boolean> => {
    const names = files.map(({ name }) => name)
    const taken = await takenOf(place, prefix, names, gateway, visit)
    if (taken.length === 0) return true
    return confirm({
      title: taken.length === 1 ? `Replace ${taken[0]}?` : `Replace ${taken.length} files?`,
      consequence: `What lies here as ${taken.slice(0, SAID).join(', ')}${taken.length > SAID ? ', …' : ''} is gone then and cannot be brought back.`,
      act: 'Replace',
    })
  }
  const send = useFileChange(async ({ files, visit }: Sending) => {
    for (const file of files) await upload(place, prefix + file.name, file, visit)
  })
  const begin = async (files: readonly File[]) => {
    if (files.length === 0) return
    // In which they were chosen: they go into no other's workspace.
    const visit = currentVisit()
    try {
      if (!(await isMeant(files, visit))) return
    } catch (error) {
      return notify.failed('Nothing was uploaded', error)
    }
    const onSuccess = () =>
      notify.done(files.length === 1 ? `${files[0]?.name} was uploaded.` : 'Uploaded.')
    const onError = (error: Error) => notify.failed('Not everything was uploaded', error)
    send.mutate({ files, visit }, { onSuccess, onError })
  }
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          void begin([...(target.files ?? [])])
          target.value = ''
        }}
      />
      <Button
        variant="primary"
        icon={UploadSimpleIcon}
        loading={send.isPending}
        onClick={() => input.current?.click()}
      >
        Upload files
      </Button>
    </>
  )
}
