/** Switches a job on and off; what is under way goes on. */
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { OnSwitch } from '../../ui/on-switch.tsx'
import type { Job } from './job.ts'

export function JobSwitch({ job: { id, name, enabled } }: { readonly job: Job }) {
  const mayToggle = useMay('cron.toggle')
  const toggle = useChange('cron.toggle')
  return (
    <OnSwitch
      name={name}
      isOn={enabled}
      disabled={!mayToggle}
      onChange={(isOn) => toggle.mutateAsync({ jobId: id, enabled: isOn })}
    />
  )
}
