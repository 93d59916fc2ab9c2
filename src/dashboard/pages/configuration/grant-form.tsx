/** Says what somebody may change, or asks what they may. */

import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useState } from 'react'
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { CHOICES } from '../../client/operations/config.ts'
import { useChange } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import { inWords } from './schema-fields.ts'

type Grant = ParamsOf<'config.permissions.grant'>
type Part = Grant['configType']
const { configType: PARTS } = CHOICES['config.permissions.grant']

export interface GrantFormProps {
  readonly agents: ResultOf<'agents.list'>['agents']
}

export function GrantForm({ agents }: GrantFormProps) {
  const [userId, setUserId] = useState('')
  const [part, setPart] = useState<Part>('agent_settings')
  const [agent, setAgent] = useState('*')
  const [scope, setScope] = useState('')
  const notify = useNotify()
  const grant = useChange('config.permissions.grant', {
    onDone: () => notify.done('It was said.'),
  })
  const check = useChange('config.permissions.check')
  const named = {
    userId: userId.trim(),
    configType: part,
    ...(part === 'agent_settings' && agent !== '*' ? { agentId: agent } : {}),
    ...(scope.trim() === '' ? {} : { scope: scope.trim() }),
  }
  const say = (permission: Grant['permission']) => grant.mutate({ ...named, permission })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    say('allow')
  }
  const isNobody = named.userId === ''
  const error = grant.error ?? check.error
  const isGroup = named.userId === '*' || named.userId.startsWith('group:')
  return (
    <Section title="Give or forbid">
      <Card>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <Input
              label="Who"
              value={userId}
              autoComplete="off"
              placeholder="anna@example.com"
              description="A person’s id, group:channel:chat, or * for everybody."
              onChange={({ target }) => {
                setUserId(target.value)
                check.reset()
              }}
            />
            <Choice
              label="Part"
              value={part}
              options={PARTS.map(
                (each) =>
                  [
                    each,
                    each === 'agent_settings' ? 'Settings of an agent' : inWords(each),
                  ] as const,
              )}
              onChange={(value) => {
                setPart(value)
                check.reset()
              }}
            />
            {part === 'agent_settings' && (
              <Choice
                label="Agent"
                value={agent}
                options={[
                  ['*', 'Every agent'],
                  ...agents.map(({ id, name }) => [id, name] as const),
                ]}
                onChange={setAgent}
              />
            )}
            <Input
              label="Only in the group (optional)"
              value={scope}
              autoComplete="off"
              placeholder="group:telegram:123"
              description="Empty: everywhere."
              onChange={({ target }) => setScope(target.value)}
            />
          </div>
          <NotDone error={error} />
          {check.data !== undefined && (
            <p role="status" className="rounded-lg bg-kumo-info-tint px-4 py-2">
              {check.data.allowed ? 'They may change it' : 'They may not change it'}, by{' '}
              {check.data.rule === 'role' ? 'their role' : `the rule “${check.data.rule}”`}.
            </p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <Button
              disabled={isNobody || isGroup}
              loading={check.isPending}
              onClick={() => check.mutate(named)}
            >
              Check what holds
            </Button>
            <Button disabled={isNobody} loading={grant.isPending} onClick={() => say('deny')}>
              Forbid
            </Button>
            <Button type="submit" variant="primary" disabled={isNobody} loading={grant.isPending}>
              Allow
            </Button>
          </div>
        </form>
      </Card>
    </Section>
  )
}
