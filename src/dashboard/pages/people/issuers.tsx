/** Issuers of identity whose tokens and sign-ins the tenant accepts. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'

type Issuer = ResultOf<'issuers.list'>['issuers'][number]

const PROVISION = [
  ['', 'Only those who are members already'],
  ['viewer', 'Everybody it knows, as viewers'],
  ['operator', 'Everybody it knows, as operators'],
] as const

export function Issuers() {
  const issuers = useOperation('issuers.list', {})
  const create = useChange('issuers.create')
  const mayCreate = useMay('issuers.create')
  const [isOpen, setOpen] = useState(false)
  const submit = async (form: FormData) => {
    const provision = form.get('provision_role')
    const clientId = textIn(form, 'client_id')
    const secret = textIn(form, 'client_secret')
    await create.mutateAsync({
      name: textIn(form, 'name') ?? '',
      issuer: textIn(form, 'issuer') ?? '',
      audience: textIn(form, 'audience') ?? '',
      provision_role: provision === 'viewer' || provision === 'operator' ? provision : null,
      ...(clientId === null ? {} : { client_id: clientId }),
      ...(secret === null ? {} : { client_secret: secret }),
    })
  }
  return (
    <Section
      title="Sign-in with your organisation"
      actions={mayCreate && <Button onClick={() => setOpen(true)}>Add issuer</Button>}
    >
      <Answer
        query={issuers}
        empty={({ issuers: rows }) =>
          rows.length === 0 ? (
            <Nothing
              title="No issuer is accepted"
              description="Add your OpenID Connect provider and people sign in with the account that they have."
            />
          ) : null
        }
      >
        {({ issuers: rows }) => <IssuerTable rows={rows} />}
      </Answer>
      <FormDialog
        title="Add an issuer"
        description="An OpenID Connect provider. Its redirect address is /v1/login/callback of this gateway."
        act="Add"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onSubmit={submit}
      >
        <TextField
          name="name"
          label="Name"
          isRequired
          description="What people see on the sign-in page."
        />
        <TextField
          name="issuer"
          label="Issuer"
          type="url"
          isRequired
          placeholder="https://login.example.com"
        />
        <TextField
          name="audience"
          label="Audience"
          isRequired
          description="What its tokens name as their receiver."
        />
        <TextField name="client_id" label="Client id" description="Needed for signing in here." />
        <TextField name="client_secret" label="Client secret" type="password" />
        <SelectField name="provision_role" label="Lets in" options={PROVISION} />
      </FormDialog>
    </Section>
  )
}

function IssuerTable({ rows }: { readonly rows: readonly Issuer[] }) {
  const mayChange = useMay('issuers.update')
  const update = useChange('issuers.update')
  const remove = useChange('issuers.delete')
  const test = useChange('issuers.test')
  const confirm = useConfirm()
  const notify = useNotify()
  const onError = (error: Error) => notify.failed('Not changed', error)
  const ask = ({ id, name }: Issuer) =>
    test.mutate(
      { id },
      {
        onError,
        onSuccess: ({ ok, keys, problem }) =>
          ok
            ? notify.done(`${name} answers with ${keys} keys`)
            : notify.failed(`${name} cannot be used`, new Error(problem ?? 'it does not answer')),
      },
    )
  const end = async ({ id, name }: Issuer) => {
    const isSure = await confirm({
      title: `Delete the issuer “${name}”?`,
      consequence: 'Whoever came in through it is out at once. Members stay members.',
      act: 'Delete',
    })
    if (isSure) remove.mutate({ id }, { onError })
  }
  return (
    <SimpleTable
      label="Issuers"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Name', cell: ({ name }) => <CutText text={name} /> },
        { title: 'Issuer', cell: ({ issuer }) => <CutText text={issuer} isCode /> },
        { title: 'Lets in', cell: ({ provision_role }) => provision_role ?? 'members' },
        {
          title: 'State',
          cell: ({ enabled }) => (
            <Badge variant={enabled ? 'success' : 'neutral'}>{enabled ? 'on' : 'off'}</Badge>
          ),
        },
        {
          title: 'Acts',
          isActions: true,
          cell: (issuer) =>
            mayChange && (
              <span className="inline-flex gap-2">
                <Button size="sm" onClick={() => ask(issuer)}>
                  Test
                </Button>
                <Button
                  size="sm"
                  onClick={() =>
                    update.mutate({ id: issuer.id, enabled: !issuer.enabled }, { onError })
                  }
                >
                  {issuer.enabled ? 'Switch off' : 'Switch on'}
                </Button>
                <Button size="sm" variant="secondary-destructive" onClick={() => void end(issuer)}>
                  Delete
                </Button>
              </span>
            ),
        },
      ]}
    />
  )
}
