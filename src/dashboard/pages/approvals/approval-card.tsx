/** One waiting call: exactly what would run, why somebody is asked, and the answers to it. */
import { Button } from '@cloudflare/kumo/components/button'
import { CheckIcon } from '@phosphor-icons/react/Check'
import { ProhibitIcon } from '@phosphor-icons/react/Prohibit'
import { SealQuestionIcon } from '@phosphor-icons/react/SealQuestion'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Time } from '../../ui/time.tsx'
import { type Approval, timeLeft } from './approval.ts'
import { CutNote, type CutNoteProps } from './cut-note.tsx'
import { ReadAs } from './read-as.tsx'
import type { Answers } from './use-answers.ts'

export interface ApprovalCardProps {
  readonly approval: Approval
  readonly answers: Answers
  readonly isChosen?: boolean
  /** How all of it is read, while the approval is cut. */
  readonly whole: CutNoteProps
  /** Inside its own conversation: where it is from need not be said. */
  readonly isInline?: boolean
}

export function ApprovalCard({
  approval,
  answers,
  whole,
  isChosen = false,
  isInline = false,
}: ApprovalCardProps) {
  const { tool, command, agent, line, rule } = approval
  // Under the heading of the queue; a conversation has none above it.
  const Title = isInline ? 'h2' : 'h3'
  return (
    <article
      aria-label={`Approval of ${tool} for ${agent}`}
      className={`flex min-w-0 flex-col gap-3 rounded-lg bg-kumo-base p-4 ${isChosen ? 'ring-2 ring-kumo-brand' : 'ring ring-kumo-line'}`}
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <SealQuestionIcon size={18} aria-hidden className="text-kumo-warning" />
        <Title className="min-w-0 font-semibold">
          <span className="as-written">{agent}</span> wants to use{' '}
          <code className="as-written font-mono">{tool}</code>
        </Title>
        <span className="ml-auto">
          <TimeLeft approval={approval} />
        </span>
      </header>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
        tabIndex={0}
        aria-label={approval.isCut ? 'Beginning of the command' : 'Exact command'}
        className="as-written max-h-80 overflow-auto rounded-md bg-kumo-recessed p-3 font-mono text-[0.8125rem] leading-5 ring ring-kumo-line"
      >
        {command}
      </section>
      {approval.isCut && <CutNote {...whole} />}
      {line !== null && <ReadAs line={line} />}
      <p className="text-kumo-default">
        <span className="as-written">{rule.why}</span>{' '}
        <span className="text-sm text-kumo-subtle">
          Rule <code className="font-mono">{rule.name}</code>
          {rule.settings.length > 0 && ` (${rule.settings.join(', ')})`}
        </span>
      </p>
      <Facts approval={approval} isInline={isInline} />
      <AnswerButtons approval={approval} answers={answers} />
    </article>
  )
}

const ACCESS: Readonly<Record<string, string>> = {
  rw: 'reads and writes',
  ro: 'reads',
  none: 'not seen',
}

function Facts({ approval, isInline }: Pick<ApprovalCardProps, 'approval' | 'isInline'>) {
  const { cwd, network, access, envNames, requestedBy, createdAt, sessionKey } = approval
  const { channel, sessionOwner } = approval
  const facts: readonly (readonly [string, string])[] = [
    ['Asked by', requestedBy],
    ['Conversation of', sessionOwner === requestedBy ? '' : sessionOwner],
    ['Channel', isInline ? '' : channel],
    ['Folder', cwd],
    ['Network', network === 'none' ? 'none' : network.replaceAll('_', ' ')],
    ['Workspace', ACCESS[access] ?? access],
    ['Variables', envNames.join(', ')],
  ]
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name} className="flex min-w-0 gap-1.5">
            <dt className="text-kumo-subtle">{name}</dt>
            <dd className="as-written min-w-0">{value}</dd>
          </div>
        ))}
      <div className="flex gap-1.5">
        <dt className="text-kumo-subtle">Since</dt>
        <dd>
          <Time at={createdAt} />
        </dd>
      </div>
      {!isInline && sessionKey !== '' && (
        <div className="flex min-w-0 gap-1.5">
          <dt className="text-kumo-subtle">Session</dt>
          <dd className="min-w-0">
            <Link
              to="/chat/$sessionKey"
              params={{ sessionKey }}
              className="as-written text-kumo-link underline"
            >
              {sessionKey}
            </Link>
          </dd>
        </div>
      )}
    </dl>
  )
}

function AnswerButtons({ approval, answers }: Pick<ApprovalCardProps, 'approval' | 'answers'>) {
  if (!answers.mayAnswer)
    return <p className="text-sm text-kumo-subtle">Your role may look, but not answer.</p>
  const isBusy = answers.isBusy(approval)
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        variant="primary"
        icon={CheckIcon}
        loading={isBusy}
        disabled={approval.isCut}
        onClick={() => answers.once(approval)}
      >
        Allow once
      </Button>
      {answers.mayAlways && approval.canAlways && (
        <Button disabled={isBusy || approval.isCut} onClick={() => void answers.always(approval)}>
          Always allow
        </Button>
      )}
      <Button
        variant="secondary-destructive"
        icon={ProhibitIcon}
        disabled={isBusy}
        onClick={() => answers.deny(approval)}
      >
        Deny
      </Button>
    </div>
  )
}

const SECOND_MS = 1_000

function TimeLeft({ approval }: { readonly approval: Approval }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS)
    return () => clearInterval(timer)
  }, [])
  const left = timeLeft(approval, now)
  return (
    <span role="timer" className="text-sm text-kumo-subtle tabular-nums">
      {left === null ? 'time is over' : `${left} left`}
    </span>
  )
}
