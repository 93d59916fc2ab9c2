/** Whether something is in force: the word, and the switch that changes it. What is refused is said at the edge. */
import { Switch } from '@cloudflare/kumo/components/switch'
import { useState } from 'react'
import { useNotify } from './notify.ts'

export interface OnSwitchProps {
  /** What is switched, for readers of the page. */
  readonly name: string
  readonly isOn: boolean
  readonly disabled: boolean
  /** Rejects with why it was not done. */
  readonly onChange: (isOn: boolean) => Promise<unknown>
}

export function OnSwitch({ name, isOn, disabled, onChange }: OnSwitchProps) {
  const [isBusy, setBusy] = useState(false)
  const notify = useNotify()
  const change = async (wanted: boolean) => {
    setBusy(true)
    try {
      await onChange(wanted)
    } catch (error) {
      notify.failed(`${name} was not changed`, error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span aria-hidden className="text-kumo-subtle">
        {isOn ? 'On' : 'Off'}
      </span>
      <Switch
        size="sm"
        aria-label={`${name} is on`}
        checked={isOn}
        disabled={disabled || isBusy}
        onCheckedChange={(wanted) => void change(wanted)}
      />
    </span>
  )
}
