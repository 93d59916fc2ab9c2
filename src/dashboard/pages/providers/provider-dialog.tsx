/** Adds a provider or changes one. The key goes in and is never shown again. */

import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Checkbox } from '@cloudflare/kumo/components/checkbox'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useState } from 'react'
import { useHello } from '../../client/use-gateway.ts'
import { Choice } from '../../ui/choice.tsx'
import { NotDone } from '../../ui/states.tsx'
import type { ProviderSectionProps } from './provider-kind.ts'
import {
  emptyForm,
  formOf,
  hasKey,
  losesKey,
  type ProviderForm,
  type ProviderRow,
  updateParams,
} from './provider-row.ts'

export interface ProviderDialogProps extends ProviderSectionProps {
  /** Null: a new one. */
  readonly row: ProviderRow | null
  readonly onClose: () => void
}

export function ProviderDialog(props: ProviderDialogProps) {
  const { row, one, types, acts, needsAddress, needsKey, onClose } = props
  const [form, setForm] = useState<ProviderForm>(() =>
    row === null ? emptyForm(types[0]?.[0] ?? '') : formOf(row),
  )
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const { is_master_scope: isOperator } = useHello()
  const set = (change: Partial<ProviderForm>) => setForm((before) => ({ ...before, ...change }))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      if (row === null) await acts.create(form)
      else {
        const changes = updateParams(row, form)
        if (changes !== null) await acts.update(changes)
      }
      onClose()
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const isAddressNeeded = needsAddress(form.type)
  const isIncomplete = form.name.trim() === '' || (isAddressNeeded && form.address.trim() === '')
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog size="lg" className="max-h-[90vh] overflow-auto p-6">
        <Dialog.Title className="as-written text-lg font-semibold">
          {row === null ? `Add ${one}` : `Edit “${row.name}”`}
        </Dialog.Title>
        <form onSubmit={(event) => void submit(event)} className="mt-4 flex flex-col gap-4">
          {row === null && (
            <>
              <Choice
                label="Type"
                value={form.type}
                options={types}
                onChange={(type) => set({ type })}
              />
              <Input
                label="Name"
                value={form.name}
                autoComplete="off"
                onChange={({ target }) => set({ name: target.value })}
                description="Agents name it so. Letters, digits, _ . and -; it cannot be changed."
              />
            </>
          )}
          <Input
            label={isAddressNeeded ? 'Address' : 'Address (optional)'}
            type="url"
            value={form.address}
            autoComplete="off"
            placeholder="https://api.example.com/v1"
            onChange={({ target }) => set({ address: target.value })}
            description={isAddressNeeded ? 'Where its API is.' : 'Empty: the vendor’s own.'}
          />
          <KeyField row={row} form={form} isNeeded={needsKey(form.type)} onChange={set} />
          {isOperator && (
            <Checkbox
              label="May lie in a private network, or be reached without TLS"
              checked={form.allowsPrivateNetwork}
              onCheckedChange={(checked) => set({ allowsPrivateNetwork: checked === true })}
            />
          )}
          <NotDone error={error} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" loading={isBusy} disabled={isIncomplete}>
              {row === null ? `Add ${one}` : 'Save changes'}
            </Button>
          </div>
        </form>
      </Dialog>
    </Dialog.Root>
  )
}

interface KeyFieldProps {
  readonly row: ProviderRow | null
  readonly form: ProviderForm
  readonly isNeeded: boolean
  readonly onChange: (change: Partial<ProviderForm>) => void
}

function KeyField({ row, form, isNeeded, onChange }: KeyFieldProps) {
  const isStored = row !== null && hasKey(row)
  return (
    <div className="flex flex-col gap-2">
      <Input
        label={isNeeded ? 'Key' : 'Key (optional)'}
        type="password"
        value={form.key}
        autoComplete="new-password"
        disabled={form.forgetsKey}
        placeholder={isStored ? 'Leave empty to keep the stored one' : ''}
        onChange={({ target }) => onChange({ key: target.value })}
        description="Kept encrypted. It is never shown again."
      />
      {isStored && (
        <div className="flex flex-wrap items-center gap-3">
          <Badge variant="success">Key stored</Badge>
          <Checkbox
            label="Delete the stored key"
            checked={form.forgetsKey}
            onCheckedChange={(checked) => onChange({ forgetsKey: checked === true, key: '' })}
          />
        </div>
      )}
      {row !== null && losesKey(row, form) && (
        <p role="status" className="rounded-lg bg-kumo-warning-tint px-3 py-2 text-sm">
          Another address erases the stored key. Write the key again, or go without one.
        </p>
      )}
    </div>
  )
}
