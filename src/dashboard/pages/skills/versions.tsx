/** What the skill said before, and going back to it. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { useNotify } from '../../ui/notify.ts'
import { formatBytes } from '../../ui/numbers.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Skill } from './skill.ts'

export function Versions({ skill: { name, shown } }: { readonly skill: Skill }) {
  const versions = useOperation('skills.versions', { name })
  const mayRestore = useMay('skills.restore')
  const [, change] = useAddress()
  const confirm = useConfirm()
  const notify = useNotify()
  const restore = useChange('skills.restore', {
    onDone: ({ version }) => {
      notify.done(`Version ${version} is in force`)
      change({ version: null, file: null })
    },
  })
  const goBack = async (version: number) => {
    const isSure = await confirm({
      title: `Put version ${version} of “${name}” in force?`,
      consequence: 'Whoever has the skill is told what that version says, from the next call on.',
      act: 'Put in force',
    })
    if (!isSure) return
    restore.mutate(
      { name, version },
      { onError: (error) => notify.failed('The version was not put in force', error) },
    )
  }
  return (
    <Section title="Versions">
      <Answer query={versions} what="Loading the versions">
        {({ versions: rows }) => (
          <SimpleTable
            label="Versions"
            rows={rows}
            keyOf={({ version }) => String(version)}
            columns={[
              {
                title: 'Version',
                cell: ({ version, in_force: isInForce }) => (
                  <span className="inline-flex items-center gap-2 whitespace-nowrap">
                    {version}
                    {isInForce && <Badge variant="success">In force</Badge>}
                  </span>
                ),
              },
              { title: 'Written by', cell: ({ created_by: by }) => <CutText text={by} /> },
              { title: 'When', cell: ({ created_at: at }) => <Time at={at} /> },
              { title: 'Size', cell: ({ size }) => formatBytes(size) },
              { title: 'Files', cell: ({ files }) => files },
              {
                title: 'Scan',
                cell: ({ findings }) =>
                  findings.length === 0 ? (
                    'nothing found'
                  ) : (
                    <Badge variant="warning">{findings.length} found</Badge>
                  ),
              },
              {
                title: 'Acts',
                isActions: true,
                cell: ({ version, in_force: isInForce }) => (
                  <span className="inline-flex gap-2">
                    {version !== shown.version && (
                      <Button
                        size="sm"
                        aria-label={`Look at version ${version}`}
                        onClick={() =>
                          change(
                            { version: isInForce ? null : String(version), file: null },
                            { isStep: true },
                          )
                        }
                      >
                        Look
                      </Button>
                    )}
                    {mayRestore && !isInForce && (
                      <Button
                        size="sm"
                        aria-label={`Put in force: version ${version}`}
                        onClick={() => void goBack(version)}
                      >
                        Put in force
                      </Button>
                    )}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
