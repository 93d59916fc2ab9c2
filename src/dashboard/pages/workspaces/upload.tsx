/** Files into one's own workspace, into the folder that is looked at. */
import { Button } from '@cloudflare/kumo/components/button'
import { UploadSimpleIcon } from '@phosphor-icons/react/UploadSimple'
import { useRef } from 'react'
import { currentVisit } from '../../client/visit.ts'
import { useNotify } from '../../ui/notify.ts'
import { type Place, upload } from './files.ts'
import { useFileChange } from './use-files.ts'

export interface UploadProps {
  readonly place: Place
  readonly prefix: string
}

export function Upload({ place, prefix }: UploadProps) {
  const input = useRef<HTMLInputElement>(null)
  const notify = useNotify()
  const send = useFileChange(async (files: readonly File[]) => {
    const visit = currentVisit()
    for (const file of files) await upload(place, prefix + file.name, file, visit)
  })
  const begin = (files: readonly File[]) => {
    if (files.length === 0) return
    send.mutate(files, {
      onSuccess: () =>
        notify.done(files.length === 1 ? `${files[0]?.name} was uploaded.` : 'Uploaded.'),
      onError: (error) => notify.failed('Not everything was uploaded', error),
    })
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
          begin([...(target.files ?? [])])
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
