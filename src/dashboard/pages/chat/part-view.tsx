/** One part of a conversation. Everything in it was written by somebody else: text, and nothing more. */
import { BrainIcon } from '@phosphor-icons/react/Brain'
import { lazy, memo, type ReactNode, Suspense, useContext } from 'react'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Time } from '../../ui/time.tsx'
import { FileLink } from './file-link.tsx'
import { withoutAttachments } from './files.ts'
import { Fold } from './fold.tsx'
import type { Part, TextPart } from './parts.ts'
import { ToolCall } from './tool-call.tsx'
import { WorkspaceContext } from './workspace-context.ts'

/** Not needed until something was said: a page that is opened to write does not wait for it. */
const Markdown = lazy(() => import('./markdown.tsx'))

export interface PartViewProps {
  readonly part: Part
  readonly isLive?: boolean
}

export const PartView = memo(function PartView({ part, isLive = false }: PartViewProps) {
  switch (part.kind) {
    case 'user':
      return part.text === null ? (
        <p className="self-end text-sm text-kumo-subtle">A message was added to the run.</p>
      ) : (
        <UserMessage text={part.text} at={part.at} />
      )
    case 'text':
      return <Answer part={part} isLive={isLive} />
    case 'thinking':
      return <Thinking text={part.text} />
    case 'tool':
      return <ToolCall call={part} isLive={isLive} />
    case 'note':
      return <p className="as-written text-sm text-kumo-subtle">{part.text}</p>
    case 'failed':
      return <RunFailed error={part.text} />
    case 'stopped':
      return <RunStopped />
  }
})

/** @param isNews it failed while somebody watches */
export function RunFailed({
  error,
  isNews = false,
}: {
  readonly error: string
  readonly isNews?: boolean
}) {
  return (
    <div {...(isNews ? { role: 'alert' } : {})} className="rounded-lg bg-kumo-danger-tint p-3">
      <p className="font-medium text-kumo-danger">The run failed</p>
      <p className="as-written">{error}</p>
    </div>
  )
}

export const RunStopped = () => <p className="text-sm text-kumo-subtle">The run was stopped.</p>

export interface UserMessageProps {
  readonly text: string
  readonly at?: string | null
  readonly children?: ReactNode
}

export function UserMessage({ text, at = null, children }: UserMessageProps) {
  const workspace = useContext(WorkspaceContext)
  const { text: said, files } = withoutAttachments(text)
  return (
    <article
      aria-label="Said by a person"
      className="flex max-w-[85%] min-w-0 flex-col gap-1 self-end"
    >
      <div className="flex min-w-0 flex-col gap-2 rounded-2xl rounded-br-md bg-kumo-tint px-4 py-2.5 leading-6">
        {said !== '' && <Fold text={said}>{(shown) => <p className="as-written">{shown}</p>}</Fold>}
        {files.map((path) =>
          workspace === null ? (
            <span key={path}>{path}</span>
          ) : (
            <FileLink key={path} path={path} {...workspace} />
          ),
        )}
      </div>
      {at !== null && (
        <span className="self-end text-xs text-kumo-subtle">
          <Time at={at} />
        </span>
      )}
      {children}
    </article>
  )
}

function Answer({ part, isLive }: { readonly part: TextPart; readonly isLive: boolean }) {
  return (
    <article aria-label="Answer of the agent" className="group flex min-w-0 flex-col gap-1">
      <Suspense fallback={<p className="as-written leading-6">{part.text}</p>}>
        <Markdown text={part.text} />
      </Suspense>
      {!isLive && (
        <div className="flex items-center gap-2 text-xs text-kumo-subtle">
          <CopyButton text={part.text} />
          {part.at !== null && <Time at={part.at} />}
        </div>
      )}
    </article>
  )
}

function Thinking({ text }: { readonly text: string }) {
  return (
    <details className="min-w-0 rounded-lg text-kumo-subtle open:bg-kumo-base open:ring open:ring-kumo-line">
      <summary className="flex cursor-pointer items-center gap-2 rounded-lg px-3 py-1.5 hover:bg-kumo-tint">
        <BrainIcon size={16} aria-hidden />
        Thinking
      </summary>
      <p className="as-written px-3 pb-3 leading-6">{text}</p>
    </details>
  )
}
