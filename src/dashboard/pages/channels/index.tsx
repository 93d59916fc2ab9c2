/** Chat platforms: connected, how they are, who asks to be let in. */
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { CutText } from '../../ui/cut-text.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { ChannelPage } from './channel-page.tsx'
import { ConnectChannel } from './connect-channel.tsx'
import { HealthBadge } from './health-badge.tsx'
import { PairingRequests } from './pairing-requests.tsx'
import { platformOf } from './platforms.ts'

export default function ChannelsPage() {
  const { channel } = useParams({ strict: false }) as { readonly channel?: string }
  return channel === undefined ? <ChannelList /> : <ChannelPage id={channel} />
}

const HEALTH_EVERY_MS = 15_000

function ChannelList() {
  const status = useOperation('channels.status', {}, { everyMs: HEALTH_EVERY_MS })
  const mayConnect = useMay('channels.instances.create')
  const maySeePairings = useMay('channel.pair.list')
  const [isConnecting, setConnecting] = useState(false)
  const connect = mayConnect && (
    <Button variant="primary" onClick={() => setConnecting(true)}>
      Connect channel
    </Button>
  )
  return (
    <Page
      title="Channels"
      description="Where people talk to your agents outside of this page."
      actions={connect}
    >
      <Answer
        query={status}
        empty={({ channels }) =>
          channels.length === 0 ? (
            <Nothing
              title="No channel is connected"
              description="Connect Slack, Telegram or another platform, and your agents answer there. Nobody is let in whom you did not let in."
              action={connect}
            />
          ) : null
        }
      >
        {({ channels }) => (
          <SimpleTable
            label="Channels"
            rows={channels}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Channel',
                cell: ({ id, name, display_name }) => (
                  <Link
                    to="/channels/$channel"
                    params={{ channel: id }}
                    className="text-kumo-link underline"
                  >
                    <CutText text={display_name || name} />
                  </Link>
                ),
              },
              {
                title: 'Platform',
                cell: ({ channel_type }) => platformOf(channel_type)?.title ?? channel_type,
              },
              { title: 'Agent', cell: ({ agent_id }) => <CutText text={agent_id} /> },
              { title: 'Health', cell: (row) => <HealthBadge channel={row} /> },
              {
                title: 'Last message',
                cell: ({ health: { last_received_at: at } }) =>
                  at === null ? 'none yet' : <Time at={at} />,
              },
            ]}
          />
        )}
      </Answer>
      {maySeePairings && (
        <Section title="Pairing requests">
          <PairingRequests />
        </Section>
      )}
      <ConnectChannel isOpen={isConnecting} onClose={() => setConnecting(false)} />
    </Page>
  )
}
