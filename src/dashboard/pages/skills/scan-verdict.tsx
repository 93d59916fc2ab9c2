/** What the scan found in a version: families of injection that its text shows. */
import { useOperation } from '../../client/use-operation.ts'
import { Answer } from '../../ui/states.tsx'

export interface ScanVerdictProps {
  readonly name: string
  readonly version: number
}

/** Asked for. */
export function ScanVerdict({ name, version }: ScanVerdictProps) {
  const asked = useOperation('skills.get', { name, version })
  return (
    <Answer query={asked} what="Looking what the scan found">
      {({ shown }) => <Verdict findings={shown.findings} />}
    </Answer>
  )
}

export function Verdict({ findings }: { readonly findings: readonly string[] }) {
  if (findings.length === 0)
    return <p className="text-kumo-success">The scan found nothing that reads like an injection.</p>
  return (
    <div role="status" className="rounded-lg bg-kumo-warning-tint p-3">
      <p className="font-medium">
        Parts of it read like an injection. Look at it before you grant it.
      </p>
      <ul className="mt-1 list-disc pl-5">
        {findings.map((family) => (
          <li key={family} className="as-written">
            {family.replaceAll('_', ' ')}
          </li>
        ))}
      </ul>
    </div>
  )
}
