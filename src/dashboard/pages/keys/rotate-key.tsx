/** A successor for a key; the old one goes on for the overlap. */
import { useChange } from '../../client/use-operation.ts'
import { SelectField } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { ApiKey } from './api-key.ts'
import type { CreateKeyProps } from './create-key.tsx'
import { OVERLAPS } from './scopes.ts'

export interface RotateKeyProps extends Pick<CreateKeyProps, 'onClose' | 'onMade'> {
  readonly apiKey: ApiKey | null
}

export function RotateKey({ apiKey, onClose, onMade }: RotateKeyProps) {
  const rotate = useChange('api_keys.rotate')
  return (
    <FormDialog
      title={`Rotate the key “${apiKey?.name ?? ''}”`}
      description="You get a new key with the same rights, shown once."
      act="Rotate"
      isOpen={apiKey !== null}
      onClose={onClose}
      onSubmit={async (form) => {
        if (apiKey === null) return
        const overlap = Number(form.get('overlap'))
        onMade(await rotate.mutateAsync({ id: apiKey.id, overlap_seconds: overlap }))
      }}
    >
      <SelectField name="overlap" label="The old key goes on for" options={OVERLAPS} />
    </FormDialog>
  )
}
