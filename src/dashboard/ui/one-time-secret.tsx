/** A secret that is shown this once: it lives in the component's props and nowhere else. */
import { Button } from '@cloudflare/kumo/components/button'
import { CopyButton } from './copy-button.tsx'

export interface OneTimeSecretProps {
  readonly label: string
  readonly value: string
  readonly onClose: () => void
}

export function OneTimeSecret({ label, value, onClose }: OneTimeSecretProps) {
  return (
    <div role="status" className="flex flex-col gap-3 rounded-lg bg-kumo-warning-tint p-4">
      <p>
        <strong>{label}</strong> is shown this once. Keep it where nobody else reads it.
      </p>
      <code className="as-written rounded bg-kumo-base p-2 font-mono select-all">{value}</code>
      <div className="flex gap-2">
        <CopyButton text={value} size="sm" variant="primary" />
        <Button size="sm" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </div>
  )
}
