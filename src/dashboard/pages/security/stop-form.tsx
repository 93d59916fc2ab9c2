/** Sets an emergency stop: what, why, and a question that names it before anything stops. */
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useState } from 'react'
import type { ParamsOf } from '../../client/gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { stoppable, stoppingNothing } from '../../shell/estop-words.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { NameList } from '../../ui/name-list.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card } from '../../ui/page.tsx'
import { Alarm, NotDone } from '../../ui/states.tsx'

type Kind = ParamsOf<'estop.set'>['kind']

const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['kill-all', 'All runs', 'Every run ends now, and none begins.'],
  ['network', 'The network of tools', 'No tool sends anything out. Models are still asked.'],
  ['tools', 'Some tools', 'The tools that you name are refused. Everything else goes on.'],
]

const ACTS: Readonly<Record<Kind, string>> = {
  'kill-all': 'Stop all runs',
  network: 'Stop the network of tools',
  tools: 'Stop these tools',
}

export function StopForm() {
  const ask = useConfirm()
  const notify = useNotify()
  const [kind, setKind] = useState<Kind>('kill-all')
  const [tools, setTools] = useState<readonly string[]>([])
  const [reason, setReason] = useState('')
  const known = useOperation('tools.list', {}, { enabled: kind === 'tools' })
  const existing = known.data?.tools
  const unknown = existing === undefined ? [] : stoppingNothing(tools, existing)
  const stop = useChange('estop.set', {
    alsoStale: ['overview', 'status'],
    onDone: () => {
      notify.done('The stop is in force')
      setReason('')
      setTools([])
    },
  })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const [, , consequence = ''] = KINDS.find(([each]) => each === kind) ?? []
    const named = kind === 'tools' ? ` They are: ${tools.join(', ')}.` : ''
    const isSure = await ask({
      title: `${ACTS[kind]}?`,
      consequence: `${consequence}${named} This lasts until an owner releases it. Everybody who is refused reads the reason.`,
      act: ACTS[kind],
    })
    if (!isSure) return
    stop.mutate({
      kind,
      ...(kind === 'tools' ? { tools } : {}),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    })
  }
  return (
    <Card>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <fieldset className="m-0 flex flex-col gap-2 border-0 p-0">
          <legend className="mb-2 p-0 font-medium">What stops</legend>
          {KINDS.map(([value, title, note]) => (
            <label key={value} className="flex items-start gap-2">
              <input
                type="radio"
                name="kind"
                className="mt-1"
                value={value}
                checked={kind === value}
                onChange={() => setKind(value)}
              />
              <span>
                {title}
                <span className="block text-sm text-kumo-subtle">{note}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {kind === 'tools' && (
          <NameList
            label="Tools"
            value={tools}
            onChange={setTools}
            suggestions={existing === undefined ? [] : stoppable(existing)}
            placeholder="exec, web_* or group:web"
            description="The name of a tool, the beginning of names with *, or a group."
          />
        )}
        {kind === 'tools' && unknown.length > 0 && (
          <Alarm>{`There is no such tool or group: ${unknown.join(', ')}. Take it out.`}</Alarm>
        )}
        <Input
          label="Reason"
          value={reason}
          maxLength={500}
          onChange={({ target }) => setReason(target.value)}
          description="Shown to everybody who is refused: nothing secret."
        />
        <NotDone error={stop.error} />
        <div>
          <Button
            type="submit"
            variant="destructive"
            loading={stop.isPending}
            disabled={kind === 'tools' && (tools.length === 0 || unknown.length > 0)}
          >
            {ACTS[kind]}…
          </Button>
        </div>
      </form>
    </Card>
  )
}
