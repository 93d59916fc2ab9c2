/** One run hook: where it is, when it is asked, a trial, and what it blocked or failed at. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { agentsInWords } from '../../ui/agents-field.tsx'
import { useConfirm } from '../../ui/confirm.tsx'
import { DeleteButton } from '../../ui/delete-button.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { useNotify } from '../../ui/notify.ts'
import { OneTimeSecret } from '../../ui/one-time-secret.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { EVENTS, failureWords, type Hook, shownSecret } from './hook.ts'
import { HookDialog, type MadeSecret } from './hook-dialog.tsx'
import { HookEvents } from './hook-events.tsx'
import { HookTrial } from './hook-trial.tsx'

export function HookPage({ id }: { readonly id: string }) {
  const hook = useOperation('hooks.get', { id })
  const [made, setMade] = useState<MadeSecret | null>(null)
  return (
    <Page
      title={hook.data?.name ?? id}
      actions={
        <>
          {hook.data !== undefined && <Acts hook={hook.data} onSecret={setMade} />}
          <Link to="/run-hooks" className="text-kumo-link hover:underline">
            All run hooks
          </Link>
        </>
      }
    >
      {made !== null && (
        <OneTimeSecret
          label={`The signing secret of “${made.hook}”`}
          value={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      <Answer query={hook} what="Loading the run hook">
        {(found) => (
          <>
            <HookFacts hook={found} />
            <HookTrial hook={found} />
            <HookEvents hook={found} />
          </>
        )}
      </Answer>
    </Page>
  )
}

interface ActsProps {
  readonly hook: Hook
  readonly onSecret: (made: MadeSecret) => void
}

function Acts({ hook, onSecret }: ActsProps) {
  const { id, name } = hook
  const [search, change] = useAddress()
  const mayChange = useMay('hooks.update')
  const renew = useChange('hooks.update')
  const remove = useChange('hooks.delete', {
    onDone: () => void navigate({ to: '/run-hooks' }),
  })
  const navigate = useNavigate()
  const confirm = useConfirm()
  const notify = useNotify()
  const askRenew = async () => {
    const isSure = await confirm({
      title: `Make a new signing secret for “${name}”?`,
      consequence:
        'The old one is forgotten at once. Until the program knows the new one it takes what is sent for forged, and may not answer.',
      act: 'Make a new secret',
    })
    if (!isSure) return
    renew.mutate(
      { id, renew: true },
      {
        onSuccess: (changed) => {
          const secret = shownSecret(changed)
          if (secret !== null) onSecret({ hook: name, secret })
        },
        onError: (error) => notify.failed('The secret was not changed', error),
      },
    )
  }
  if (!mayChange) return null
  return (
    <>
      <EnabledSwitch operation="hooks.update" of={hook} />
      <Button onClick={() => change({ edit: 'yes' }, { isStep: true })}>Edit</Button>
      <Button loading={renew.isPending} onClick={() => void askRenew()}>
        New secret
      </Button>
      <DeleteButton
        what={`the run hook “${name}”`}
        consequence="Its secret goes, and runs no longer ask it: what it blocked is let through."
        onDelete={() => remove.mutateAsync({ id })}
      />
      {search['edit'] !== undefined && (
        <HookDialog
          hook={hook}
          onClose={() => change({ edit: null }, { isStep: true })}
          onSecret={onSecret}
        />
      )}
    </>
  )
}

function HookFacts({ hook }: { readonly hook: Hook }) {
  return (
    <Facts>
      <Fact name="Address">
        <span className="font-mono">{hook.url}</span>{' '}
        {hook.allow_private_network && <Badge variant="warning">Private network</Badge>}
      </Fact>
      <Fact name="Asked when">
        <ul>
          {hook.events.map((event) => (
            <li key={event}>
              {EVENTS[event].title} <code className="text-xs text-kumo-subtle">{event}</code>
            </li>
          ))}
        </ul>
      </Fact>
      <Fact name="Runs of">{agentsInWords(hook.agents)}</Fact>
      <Fact name="Without an answer">{failureWords(hook.failure)}</Fact>
      <Fact name="Signing secret">
        {hook.secret === '' ? (
          <Badge variant="error">None: it is not called</Badge>
        ) : (
          <Badge variant="success">Stored</Badge>
        )}
      </Fact>
    </Facts>
  )
}
