/** Packages of the agent's image. Adding builds it, which takes minutes: its lines are shown. */
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useState } from 'react'
import { useGatewayEvents } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, NotDone } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

const MANAGERS = ['apt', 'pip', 'npm'] as const
type Manager = (typeof MANAGERS)[number]
const MAX_LINES = 200

export interface PackagesProps {
  readonly agent: string
  readonly agentKey: string
  readonly isAdmin: boolean
}

export function Packages({ agent, agentKey, isAdmin }: PackagesProps) {
  const packages = useOperation('agents.packages.list', { agentId: agent })
  const confirm = useConfirm()
  const notify = useNotify()
  const remove = useChange('agents.packages.remove', {
    onDone: () => notify.done('The package was removed.'),
  })
  const removeOne = async (one: { manager: Manager; name: string }) => {
    const question = {
      title: `Remove ${one.manager}:${one.name}?`,
      consequence: 'The image is built anew without it when it is next used.',
      act: 'Remove',
    }
    if (!(await confirm(question))) return
    remove.mutate(
      { agentId: agent, packages: [one] },
      { onError: (error) => notify.failed('The package was not removed', error) },
    )
  }
  return (
    <Section title="Packages">
      <Card className="flex flex-col gap-4">
        <Answer query={packages} what="Loading the packages">
          {({ packages: rows }) =>
            rows.length === 0 ? (
              <p className="text-kumo-subtle">
                None: commands have what the runner’s image brings. No run installs anything.
              </p>
            ) : (
              <ul aria-label="Packages" className="divide-y divide-kumo-hairline">
                {rows.map(({ manager, name, version, added_by, added_at }) => (
                  <li
                    key={`${manager}:${name}`}
                    className="flex flex-wrap items-center justify-between gap-2 py-1.5"
                  >
                    <code className="as-written">
                      {manager}:{name} {version}
                    </code>
                    <span className="flex items-center gap-3 text-sm text-kumo-subtle">
                      <span>
                        {added_by}, <Time at={added_at} />
                      </span>
                      {isAdmin && (
                        <Button
                          size="sm"
                          aria-label={`Remove ${manager}:${name}`}
                          onClick={() => void removeOne({ manager, name })}
                        >
                          Remove
                        </Button>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Answer>
        {isAdmin && <AddPackage agent={agent} agentKey={agentKey} />}
      </Card>
    </Section>
  )
}

function AddPackage({ agent, agentKey }: { readonly agent: string; readonly agentKey: string }) {
  const [manager, setManager] = useState<Manager>('apt')
  const [name, setName] = useState('')
  const [version, setVersion] = useState('')
  const [lines, setLines] = useState<readonly string[]>([])
  const notify = useNotify()
  const add = useChange('agents.packages.add', {
    onDone: () => {
      setName('')
      setVersion('')
      notify.done('The image was built with the package.')
    },
  })
  useGatewayEvents(({ event, payload }) => {
    if (event !== 'agents.packages.progress') return
    const told = payload as { readonly agentId?: string; readonly lines?: readonly string[] }
    if (told.agentId !== agentKey) return
    setLines((before) => [...before, ...(told.lines ?? [])].slice(-MAX_LINES))
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLines([])
    const pinned = version.trim() === '' ? {} : { version: version.trim() }
    add.mutate({ agentId: agent, packages: [{ manager, name: name.trim(), ...pinned }] })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid items-end gap-3 sm:grid-cols-[7rem_minmax(0,2fr)_minmax(0,1fr)_auto]">
        <Choice
          label="Manager"
          value={manager}
          options={MANAGERS.map((each) => [each, each] as const)}
          onChange={setManager}
        />
        <Input label="Package" value={name} onChange={({ target }) => setName(target.value)} />
        <Input
          label="Version"
          value={version}
          placeholder="Newest"
          onChange={({ target }) => setVersion(target.value)}
        />
        <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
          Add package
        </Button>
      </div>
      <NotDone error={add.error} />
      {(add.isPending || lines.length > 0) && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
          tabIndex={0}
          role="log"
          aria-label="Lines of the build"
          className="as-written max-h-48 overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs"
        >
          {lines.length === 0 ? 'The image is being built…' : lines.join('\n')}
        </pre>
      )}
    </form>
  )
}
