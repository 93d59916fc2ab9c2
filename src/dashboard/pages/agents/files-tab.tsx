/** The texts that an agent is told before every turn: its own, and the viewer's with it. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CONTROL } from '../../ui/labelled.tsx'
import { useNotify } from '../../ui/notify.ts'
import { formatBytes, formatCount } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Answer, NotDone } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Agent } from './draft.ts'

type FileRow = ResultOf<'agents.files.list'>['files'][number]

const MAX_CHARS = 20_000

const ABOUT: Readonly<Record<FileRow['name'], string>> = {
  'AGENTS.md': 'How it works: rules and habits.',
  'SOUL.md': 'Its manner and its bounds.',
  'IDENTITY.md': 'Who it is: name and role.',
  'TOOLS.md': 'Notes on the tools it has.',
  'USER.md': 'What it should know about you.',
  'MEMORY.md': 'What it has noted about you.',
}

export interface FilesTabProps {
  readonly agent: Agent
  readonly isAdmin: boolean
  /** Unsaved texts by name. */
  readonly texts: Readonly<Record<string, string>>
  readonly onText: (name: string, text: string | null) => void
}

export function FilesTab(props: FilesTabProps) {
  const files = useOperation('agents.files.list', { agentId: props.agent.id })
  const [search] = useAddress()
  return (
    <Answer query={files} what="Loading the files">
      {({ files: rows }) => {
        const selected = rows.find(({ name }) => name === search['file']) ?? rows[0]
        return (
          <div className="grid gap-4 md:grid-cols-[15rem_minmax(0,1fr)]">
            <FileList {...props} rows={rows} selected={selected} />
            {selected !== undefined && (
              <FileEditor key={selected.name} {...props} file={selected} />
            )}
          </div>
        )
      }}
    </Answer>
  )
}

const OWNERS = [
  { scope: 'agent', title: 'Of the agent', says: 'Told to everybody’s conversations' },
  { scope: 'user', title: 'Yours', says: 'Told in your conversations alone' },
] as const

function FileList({
  rows,
  selected,
  texts,
}: FilesTabProps & { rows: readonly FileRow[]; selected: FileRow | undefined }) {
  const [, change] = useAddress()
  return (
    <div className="flex flex-col gap-4">
      {OWNERS.map(({ scope, title, says }) => (
        <section key={scope} aria-label={title}>
          <h2 className="font-medium">{title}</h2>
          <p className="mb-1 text-xs text-kumo-subtle">{says}</p>
          <ul className="flex flex-col">
            {rows
              .filter((row) => row.scope === scope)
              .map(({ name, missing, size }) => (
                <li key={name}>
                  <button
                    type="button"
                    aria-current={name === selected?.name}
                    onClick={() => change({ file: name }, { isStep: true })}
                    className="flex w-full items-baseline justify-between gap-2 rounded-md px-2 py-1.5 text-left hover:bg-kumo-tint aria-[current=true]:bg-kumo-tint aria-[current=true]:font-medium"
                  >
                    <span className="font-mono text-sm">{name}</span>
                    <span className="text-xs text-kumo-strong">
                      {name in texts ? 'unsaved' : missing ? 'empty' : formatBytes(size)}
                    </span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function FileEditor({ agent, isAdmin, texts, onText, file }: FilesTabProps & { file: FileRow }) {
  const { name, scope } = file
  const loaded = useOperation('agents.files.get', { agentId: agent.id, name })
  const mayWrite = useMay('agents.files.set') && (scope === 'user' || isAdmin)
  const set = useChange('agents.files.set')
  const remove = useChange('agents.files.delete', {
    onDone: () => {
      onText(name, null)
      notify.done(`${name} was deleted.`)
    },
  })
  const confirm = useConfirm()
  const notify = useNotify()
  const deleteFile = async () => {
    const question = {
      title: `Delete ${name}?`,
      consequence: 'The agent is no longer told this text. It cannot be brought back.',
      act: 'Delete',
    }
    if (await confirm(question)) remove.mutate({ agentId: agent.id, name })
  }
  const error = set.error ?? remove.error
  return (
    <Answer query={loaded} what={`Loading ${name}`}>
      {({ file: { content, missing, untrusted } }) => {
        const text = texts[name] ?? content
        const isDirty = name in texts
        const isTooLong = text.length > MAX_CHARS
        const save = async () => {
          try {
            await set.mutateAsync({ agentId: agent.id, name, content: text })
            onText(name, null)
            notify.done(`${name} was saved.`)
          } catch {
            // Shown below, beside the text that is kept.
          }
        }
        return (
          <Card className="flex min-w-0 flex-col gap-3">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <div>
                <label htmlFor="prompt-file" className="font-mono font-medium">
                  {name}
                </label>
                <p className="text-sm text-kumo-subtle">{ABOUT[name]}</p>
              </div>
              {untrusted && <Badge variant="warning">Holds text from outside</Badge>}
            </div>
            <textarea
              id="prompt-file"
              className={`${CONTROL} h-[min(55vh,32rem)] resize-y py-2 font-mono text-sm`}
              value={text}
              readOnly={!mayWrite}
              spellCheck={false}
              onChange={({ target }) =>
                onText(name, target.value === content ? null : target.value)
              }
            />
            <NotDone error={error} />
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p className={`text-sm ${isTooLong ? 'text-kumo-danger' : 'text-kumo-subtle'}`}>
                {formatCount(text.length)} of {formatCount(MAX_CHARS)} characters
                {isTooLong && ': too long'}
              </p>
              {mayWrite ? (
                <div className="flex gap-2">
                  {!missing && !isDirty && (
                    <Button onClick={() => void deleteFile()}>Delete file</Button>
                  )}
                  {isDirty && <Button onClick={() => onText(name, null)}>Discard text</Button>}
                  <Button
                    variant="primary"
                    disabled={!isDirty || isTooLong}
                    loading={set.isPending}
                    onClick={() => void save()}
                  >
                    Save {name}
                  </Button>
                </div>
              ) : (
                <p className="text-sm text-kumo-subtle">Admins write this file.</p>
              )}
            </div>
          </Card>
        )
      }}
    </Answer>
  )
}
