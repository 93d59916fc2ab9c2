/** How many tool calls wait for somebody, beside the link to them. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { useOperation } from '../client/use-operation.ts'

export function ApprovalsBadge() {
  const { data } = useOperation('exec.approval.list', { limit: 0 })
  const count = data?.total ?? 0
  if (count === 0) return null
  return (
    <Badge variant="warning">
      {count}
      <span className="sr-only"> waiting</span>
    </Badge>
  )
}
