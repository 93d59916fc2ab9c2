/** Who has the skill: an agent with whoever talks to it, or with one user alone. */
import { Button } from '@cloudflare/kumo/components/button'
import type { FormEvent } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { NotDone, Nothing } from '../../ui/states.tsx'
import type { Skill } from './skill.ts'

type Grant = NonNullable<Skill['grants']>[number]

const holderOf = ({ agent_id, user_id }: Grant): string =>
  user_id === null ? agent_id : `${agent_id} for ${user_id}`

export interface GrantsProps {
  readonly skill: Skill
  readonly grants: readonly Grant[]
}

export function Grants({ skill, grants }: GrantsProps) {
  const mayGrant = useMay('skills.grant')
  const revoke = useChange('skills.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const { name } = skill
  const end = async ({ agent_id, user_id }: Grant) => {
    const isSure = await confirm({
      title: `Take “${name}” from ${agent_id}?`,
      consequence:
        user_id === null
          ? `${agent_id} cannot load it any more, for whoever talks to it, from the next call on.`
          : `${agent_id} cannot load it for ${user_id} any more, from the next call on.`,
      act: 'Take away',
    })
    if (!isSure) return
    revoke.mutate(
      { name, agent_id, user_id },
      { onError: (error) => notify.failed('Nothing was taken away', error) },
    )
  }
  return (
    <Section title="Who has it">
      {grants.length === 0 ? (
        <Nothing title="Nobody has it" description="Grant it to an agent, and it can be loaded." />
      ) : (
        <SimpleTable
          label="Grants"
          rows={grants}
          keyOf={({ agent_id, user_id }) => `${agent_id}/${user_id ?? ''}`}
          columns={[
            { title: 'Agent', cell: ({ agent_id }) => <CutText text={agent_id} /> },
            {
              title: 'For',
              cell: ({ user_id }) =>
                user_id === null ? 'whoever talks to it' : <CutText text={user_id} />,
            },
            {
              title: 'Acts',
              isActions: true,
              cell: (grant) =>
                mayGrant && (
                  <Button
                    size="sm"
                    variant="secondary-destructive"
                    aria-label={`Take away from ${holderOf(grant)}`}
                    onClick={() => void end(grant)}
                  >
                    Take away
                  </Button>
                ),
            },
          ]}
        />
      )}
      {mayGrant && <GrantForm name={name} />}
    </Section>
  )
}

function GrantForm({ name }: { readonly name: string }) {
  const agents = useOperation('agents.list', {})
  const notify = useNotify()
  const grant = useChange('skills.grant', {
    onDone: ({ agent_id }) => notify.done(`${agent_id} has it from the next call on`),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    grant.mutate({ name, agent_id: textIn(form, 'agent') ?? '', user_id: textIn(form, 'user') })
  }
  return (
    <Card>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid gap-4 md:grid-cols-2">
          <SelectField
            name="agent"
            label="Agent"
            options={(agents.data?.agents ?? []).map((each) => [each.id, each.name] as const)}
          />
          <TextField
            name="user"
            label="Only for this user"
            description="Empty: for whoever talks to the agent."
          />
        </div>
        <NotDone error={grant.error} />
        <div>
          <Button type="submit" loading={grant.isPending}>
            Grant
          </Button>
        </div>
      </form>
    </Card>
  )
}
