/** One channel: health, who is let in, settings, messages that could not be answered. */
import { Button } from '@cloudflare/kumo/components/button'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { AccessSettings } from './access-settings.tsx'
import type { Channel } from './channel.ts'
import { CredentialFields, credentialsIn } from './credentials-form.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { HealthBadge } from './health-badge.tsx'
import { HookSettings } from './hook-settings.tsx'
import { PairingRequests } from './pairing-requests.tsx'
import { platformOf } from './platforms.ts'

export function ChannelPage({ id }: { readonly id: string }) {
  const channel = useOperation('channels.instances.get', { id })
  const title = channel.data?.display_name || channel.data?.name || 'Channel'
  return (
    <Page
      title={title}
      {...(channel.data === undefined
        ? {}
        : {
            description: `${platformOf(channel.data.channel_type)?.title}, answered by ${channel.data.agent_id}`,
            actions: <Acts channel={channel.data} />,
          })}
    >
      <Answer query={channel}>
        {(found) => (
          <>
            <State channel={found} />
            {found.channel_type === 'webhook' ? (
              <HookSettings channel={found} />
            ) : (
              <>
                <Section title="Pairing requests">
                  <PairingRequests channel={found.name} />
                </Section>
                <AccessSettings channel={found} />
              </>
            )}
            <DeadLetters id={found.id} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Acts({ channel }: { readonly channel: Channel }) {
  const { id, name, enabled } = channel
  const mayChange = useMay('channels.instances.update')
  const toggle = useChange('channels.toggle')
  const update = useChange('channels.instances.update')
  const remove = useChange('channels.instances.delete', { alsoStale: ['channel'] })
  const test = useChange('channels.instances.test')
  const [isReplacing, setReplacing] = useState(false)
  const navigate = useNavigate()
  const confirm = useConfirm()
  const notify = useNotify()
  const fields = platformOf(channel.channel_type)?.fields ?? []
  const onError = (error: Error) => notify.failed('That did not work', error)
  const ask = () =>
    test.mutate(
      { id },
      {
        onError,
        onSuccess: ({ ok, bot, error }) =>
          ok
            ? notify.done(`It answers as ${bot?.username ?? bot?.id ?? 'itself'}`)
            : notify.failed(
                'The platform does not take it',
                new Error(error ?? 'no reason was given'),
              ),
      },
    )
  const end = async () => {
    const isSure = await confirm({
      title: `Disconnect “${name}”?`,
      consequence:
        'Its credentials, whoever was paired through it and what waits there go. Conversations stay.',
      act: 'Disconnect',
    })
    if (!isSure) return
    remove.mutate({ id }, { onError, onSuccess: () => void navigate({ to: '/channels' }) })
  }
  if (!mayChange) return null
  return (
    <>
      <Button loading={test.isPending} onClick={ask}>
        Test
      </Button>
      <Button onClick={() => setReplacing(true)}>Replace credentials</Button>
      <Button onClick={() => toggle.mutate({ id, enabled: !enabled }, { onError })}>
        {enabled ? 'Switch off' : 'Switch on'}
      </Button>
      <Button variant="secondary-destructive" onClick={() => void end()}>
        Disconnect
      </Button>
      <FormDialog
        title="Replace the credentials"
        description="All of them anew. The old ones are forgotten."
        act="Replace"
        isOpen={isReplacing}
        onClose={() => setReplacing(false)}
        onSubmit={(form) => update.mutateAsync({ id, credentials: credentialsIn(form, fields) })}
      >
        <CredentialFields fields={fields} />
      </FormDialog>
    </>
  )
}

function State({ channel }: { readonly channel: Channel }) {
  const status = useOperation('channels.status', {})
  const row = status.data?.channels.find(({ id }) => id === channel.id)
  return (
    <Facts>
      <Fact name="Health">
        {row === undefined ? 'not known yet' : <HealthBadge channel={row} />}
      </Fact>
      <Fact name="Delivers to">
        <span className="font-mono">{channel.webhook_url}</span>
      </Fact>
      <Fact name="Known there as">
        {channel.bot?.username ?? channel.bot?.id ?? 'not tested yet'}
      </Fact>
      {row?.health.last_error != null && (
        <Fact name="Last trouble">
          {row.health.last_error.message} (<Time at={row.health.last_error.at} />)
        </Fact>
      )}
    </Facts>
  )
}
