/** How a channel is, in one word. */
import { Badge } from '@cloudflare/kumo/components/badge'
import type { ResultOf } from '../../client/gateway.ts'

export type ChannelStatus = ResultOf<'channels.status'>['channels'][number]

export function HealthBadge({ channel }: { readonly channel: ChannelStatus }) {
  const { enabled, health } = channel
  if (!enabled) return <Badge variant="neutral">off</Badge>
  const failed = health.dead + health.unknown
  if (failed > 0) return <Badge variant="error">{failed} not answered</Badge>
  if (health.last_error !== null) return <Badge variant="warning">had trouble</Badge>
  if (health.waiting > 0) return <Badge variant="info">{health.waiting} waiting</Badge>
  return <Badge variant="success">well</Badge>
}
