/** Who is let in directly and in which groups: what is left open is as the tenant's settings say. */
import { Button } from '@cloudflare/kumo/components/button'
import type { FormEvent } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { AreaField, listIn, SelectField, textIn } from '../../ui/fields.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import { type AccessFields, accessOf, withAccess } from './access-fields.ts'
import type { Channel } from './channel.ts'
import { useBase } from './use-base.ts'

const AS_TENANT = ['', 'As the tenant’s settings say'] as const

const DM_POLICIES = [
  AS_TENANT,
  ['pairing', 'Those whom an admin let in'],
  ['allowlist', 'Those on the list below'],
  ['open', 'Everybody'],
  ['disabled', 'Nobody'],
] as const

const GROUP_POLICIES = [
  AS_TENANT,
  ['allowlist', 'Groups on the list below'],
  ['open', 'All groups'],
  ['disabled', 'No group'],
] as const

const MENTIONS = [
  AS_TENANT,
  ['yes', 'Only where it is mentioned'],
  ['no', 'Every message'],
] as const

export function AccessSettings({ channel }: { readonly channel: Channel }) {
  const mayChange = useMay('channels.instances.update')
  const notify = useNotify()
  const { base, key, onEdit, onSaved } = useBase(channel)
  const update = useChange('channels.instances.update', {
    onDone: () => {
      onSaved()
      notify.done('The settings are in force')
    },
  })
  const agents = useOperation('agents.list', {})
  const access = accessOf(base.config)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const chosen: AccessFields = {
      dmPolicy: textIn(form, 'dm_policy') ?? '',
      groupPolicy: textIn(form, 'group_policy') ?? '',
      mention: textIn(form, 'mention') ?? '',
      allowFrom: listIn(form, 'allow_from'),
      groupAllowFrom: listIn(form, 'group_allow_from'),
    }
    update.mutate({
      id: base.id,
      agent_id: textIn(form, 'agent') ?? base.agent_id,
      config: withAccess(base.config, chosen),
      revision: base.revision,
    })
  }
  return (
    <Section title="Who is let in">
      <Card>
        <form key={key} onChange={onEdit} onSubmit={submit} className="grid gap-4 md:grid-cols-2">
          <SelectField
            name="dm_policy"
            label="Direct messages from"
            options={DM_POLICIES}
            defaultValue={access.dmPolicy}
          />
          <SelectField
            name="group_policy"
            label="Groups"
            options={GROUP_POLICIES}
            defaultValue={access.groupPolicy}
          />
          <AreaField
            name="allow_from"
            label="Senders that are let in"
            defaultValue={access.allowFrom.join('\n')}
            description="Ids, one a line."
          />
          <AreaField
            name="group_allow_from"
            label="Groups that are let in"
            defaultValue={access.groupAllowFrom.join('\n')}
            description="Ids, one a line."
          />
          <SelectField
            name="mention"
            label="In groups it answers"
            options={MENTIONS}
            defaultValue={access.mention}
          />
          <SelectField
            key={agents.data === undefined ? 'waiting' : 'there'}
            name="agent"
            label="Agent that answers"
            options={(agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const)}
            defaultValue={base.agent_id}
          />
          <div className="md:col-span-2 empty:hidden">
            <NotDone error={update.error} />
          </div>
          {mayChange && (
            <div className="md:col-span-2">
              <Button type="submit" variant="primary" loading={update.isPending}>
                Save
              </Button>
            </div>
          )}
        </form>
      </Card>
    </Section>
  )
}
