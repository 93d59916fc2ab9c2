/** A setting that the tenant says as long as the agent says nothing of its own. */
import { Button } from '@cloudflare/kumo/components/button'
import type { ReactNode } from 'react'

export interface InheritingProps {
  readonly label: string
  readonly isOwn: boolean
  /** What holds now, in words. */
  readonly inForce: string
  readonly disabled: boolean
  readonly onOwn: () => void
  readonly onTakeBack: () => void
  /** The control, when the agent has its own. */
  readonly children: ReactNode
}

export function Inheriting(props: InheritingProps) {
  const { label, isOwn, inForce, disabled, onOwn, onTakeBack, children } = props
  if (isOwn)
    return (
      <div className="flex flex-col items-start gap-2">
        <div className="w-full">{children}</div>
        {!disabled && (
          <Button size="sm" aria-label={`${label}: as the tenant says`} onClick={onTakeBack}>
            As the tenant says
          </Button>
        )}
      </div>
    )
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <div className="min-w-0">
        <p className="font-medium">{label}</p>
        <p className="as-written text-sm text-kumo-subtle">As the tenant says: {inForce}</p>
      </div>
      {!disabled && (
        <Button size="sm" aria-label={`${label}: set for this agent`} onClick={onOwn}>
          Set for this agent
        </Button>
      )}
    </div>
  )
}
