/** One call of a tool: unfolded while it runs, with its arguments and what it answered. */
import { CaretRightIcon } from '@phosphor-icons/react/CaretRight'
import { CheckCircleIcon } from '@phosphor-icons/react/CheckCircle'
import { CircleNotchIcon } from '@phosphor-icons/react/CircleNotch'
import { WarningCircleIcon } from '@phosphor-icons/react/WarningCircle'
import { memo, useContext, useState } from 'react'
import { objectOf, textOf } from '../../client/json.ts'
import { CodeBlock } from './code-block.tsx'
import { FileLink } from './file-link.tsx'
import { Fold } from './fold.tsx'
import { targetOf } from './links.ts'
import type { ToolPart } from './parts.ts'
import { WorkspaceContext } from './workspace-context.ts'

const MAX_SUMMARY_CHARS = 160

/** What a call is about, in one line. */
function summaryOf(args: unknown): string {
  const fields = objectOf(args)
  const named = ['command', 'path', 'url', 'query', 'name'].map((name) => textOf(fields[name]))
  const found =
    named.find((text) => text !== '') ?? (args === undefined ? '' : JSON.stringify(args))
  return found.replace(/\s+/g, ' ').slice(0, MAX_SUMMARY_CHARS)
}

const STATES = {
  running: { icon: CircleNotchIcon, text: 'running', look: 'text-kumo-link animate-spin' },
  failed: { icon: WarningCircleIcon, text: 'failed', look: 'text-kumo-danger' },
  done: { icon: CheckCircleIcon, text: 'done', look: 'text-kumo-success' },
  open: { icon: WarningCircleIcon, text: 'no result', look: 'text-kumo-subtle' },
} as const

export interface ToolCallProps {
  readonly call: ToolPart
  /** Of a run that goes on: what has no result yet is running. */
  readonly isLive: boolean
}

export const ToolCall = memo(function ToolCall({ call, isLive }: ToolCallProps) {
  const [isChosen, setChosen] = useState<boolean | null>(null)
  const isRunning = isLive && call.result === null
  const isOpen = isChosen ?? isLive
  const state = isRunning
    ? 'running'
    : call.result === null
      ? 'open'
      : call.isError
        ? 'failed'
        : 'done'
  const { icon: Icon, text, look } = STATES[state]
  return (
    <div className="min-w-0 rounded-lg bg-kumo-base ring ring-kumo-line">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setChosen(!isOpen)}
        className="flex w-full min-w-0 items-center gap-2 rounded-lg px-3 py-2 text-left hover:bg-kumo-tint"
      >
        <CaretRightIcon size={14} aria-hidden className={isOpen ? 'rotate-90' : ''} />
        <Icon size={16} aria-hidden className={`shrink-0 ${look}`} />
        <span className="shrink-0 font-mono font-medium">{call.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-kumo-subtle">
          {summaryOf(call.arguments)}
        </span>
        <span className="shrink-0 text-xs text-kumo-subtle">{text}</span>
      </button>
      {isOpen && (
        <div className="flex min-w-0 flex-col gap-2 border-t border-kumo-hairline p-3">
          <Arguments args={call.arguments} />
          <Written call={call} />
          {call.result !== null && (
            <Fold text={call.result}>
              {(shown) => (
                <CodeBlock code={shown} label={call.isError ? 'Error' : 'Output'} isWrapped />
              )}
            </Fold>
          )}
          {call.isCut && isLive && (
            <p className="text-xs text-kumo-subtle">All of it follows when the run has ended.</p>
          )}
        </div>
      )}
    </div>
  )
})

function Arguments({ args }: { readonly args: unknown }) {
  const { command } = objectOf(args)
  const isCommand = typeof command === 'string' && Object.keys(objectOf(args)).length === 1
  const text = isCommand ? command : (JSON.stringify(args, null, 2) ?? '')
  return (
    <Fold text={text}>
      {(shown) => (
        <CodeBlock
          code={shown}
          language={isCommand ? 'bash' : 'json'}
          label={isCommand ? 'Command' : 'Arguments'}
        />
      )}
    </Fold>
  )
}

/** What the call wrote can be fetched at once. */
function Written({ call }: { readonly call: ToolPart }) {
  const workspace = useContext(WorkspaceContext)
  const target = targetOf(textOf(objectOf(call.arguments)['path']), [])
  const isWritten = /^(write|edit|append|create)_/.test(call.name) && call.result !== null
  if (!isWritten || call.isError || workspace === null || target.kind !== 'file') return null
  return <FileLink path={target.path} {...workspace} />
}
