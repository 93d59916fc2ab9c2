/** All tenants of the gateway, for its operator. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useHello } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useOpenTenant } from '../../shell/use-open-tenant.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { CheckField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer } from '../../ui/states.tsx'

type Tenant = ResultOf<'tenants.list'>['tenants'][number]

const PAGE = 200

export function Tenants() {
  const tenants = useOperation('tenants.list', { limit: PAGE })
  const create = useChange('tenants.create')
  const erase = useChange('tenants.delete')
  const [isCreating, setCreating] = useState(false)
  const [erased, setErased] = useState<Tenant | null>(null)
  const notify = useNotify()
  return (
    <Section
      title="Tenants"
      actions={<Button onClick={() => setCreating(true)}>Create tenant</Button>}
    >
      <Answer query={tenants}>
        {({ tenants: rows }) => <TenantTable rows={rows} onErase={setErased} />}
      </Answer>
      <FormDialog
        title="Create a tenant"
        description="It begins with an agent and the built-in demo model."
        act="Create tenant"
        isOpen={isCreating}
        onClose={() => setCreating(false)}
        onSubmit={async (form) => {
          const name = textIn(form, 'name') ?? ''
          await create.mutateAsync({ name, slug: textIn(form, 'slug') ?? '' })
          notify.done(`The tenant “${name}” is there`)
        }}
      >
        <TextField name="name" label="Name" isRequired />
        <TextField
          name="slug"
          label="Short name"
          isRequired
          description="Lower-case letters, digits and hyphens. People type it to sign in."
        />
      </FormDialog>
      <FormDialog
        title={`Erase the tenant “${erased?.name ?? ''}”`}
        description="Its people are out at once, and everything of it is erased: conversations, files, keys, trail. Nothing of it can be brought back."
        act="Erase everything"
        isOpen={erased !== null}
        onClose={() => setErased(null)}
        onSubmit={async (form) => {
          if (erased === null) return
          await erase.mutateAsync({
            tenant_id: erased.id,
            confirm: textIn(form, 'confirm') ?? '',
            without_export: form.get('without_export') !== null,
          })
          notify.done(`The erasure of “${erased.name}” has begun`)
        }}
      >
        <TextField
          name="confirm"
          label="Its short name, to be sure"
          isRequired
          placeholder={erased?.slug ?? ''}
        />
        <CheckField
          name="without_export"
          label="Erase although it was not exported"
          description="An export is made with: edgeclaw export"
        />
      </FormDialog>
    </Section>
  )
}

interface TenantTableProps {
  readonly rows: readonly Tenant[]
  readonly onErase: (tenant: Tenant) => void
}

function TenantTable({ rows, onErase }: TenantTableProps) {
  const { tenant_id: here } = useHello()
  const update = useChange('tenants.update')
  const confirm = useConfirm()
  const notify = useNotify()
  const onError = (error: Error) => notify.failed('Not changed', error)
  const toggle = async ({ id, name, status }: Tenant) => {
    if (status !== 'active') return update.mutate({ id, status: 'active' }, { onError })
    const isSure = await confirm({
      title: `Suspend the tenant “${name}”?`,
      consequence:
        'Everybody in it is out at once; its runs stop and its schedules rest. Nothing is lost.',
      act: 'Suspend',
    })
    if (isSure) update.mutate({ id, status: 'suspended' }, { onError })
  }
  const open = useOpenTenant()
  return (
    <SimpleTable
      label="Tenants"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Name', cell: ({ name }) => <CutText text={name} /> },
        { title: 'Short name', cell: ({ slug }) => <code>{slug}</code> },
        {
          title: 'State',
          cell: ({ status }) => (
            <Badge variant={status === 'active' ? 'success' : 'warning'}>{status}</Badge>
          ),
        },
        {
          title: 'Acts',
          isActions: true,
          cell: (tenant) => (
            <span className="inline-flex gap-2">
              <Button size="sm" disabled={tenant.id === here} onClick={() => open(tenant.id)}>
                {tenant.id === here ? 'Open' : 'Go there'}
              </Button>
              <Button size="sm" onClick={() => void toggle(tenant)}>
                {tenant.status === 'active' ? 'Suspend' : 'Reinstate'}
              </Button>
              <Button size="sm" variant="secondary-destructive" onClick={() => onErase(tenant)}>
                Erase
              </Button>
            </span>
          ),
        },
      ]}
    />
  )
}
