/** The waiting calls, one of them chosen; answered by buttons or by keys. */
import { useEffect, useRef, useState } from 'react'
import type { Approval } from './approval.ts'
import { ApprovalCard } from './approval-card.tsx'
import { actOf, LEGEND, moved } from './queue-keys.ts'
import type { Answers } from './use-answers.ts'
import { useWhole } from './use-whole.ts'

export interface QueueProps {
  readonly approvals: readonly Approval[]
  readonly answers: Answers
}

/** Keys that are meant for a field, a dialog or a scrolled text are not ours. */
const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input, textarea, select, [role="dialog"], [role="alertdialog"]') !== null

export function Queue({ approvals, answers }: QueueProps) {
  const [chosenId, setChosenId] = useState<string | null>(null)
  const found = approvals.findIndex(({ id }) => id === chosenId)
  // One that was answered leaves the choice to the one in its place.
  const lastIndex = useRef(0)
  const index = found < 0 ? Math.min(lastIndex.current, approvals.length - 1) : found
  lastIndex.current = index
  const whole = useWhole(approvals[index])
  const list = useRef<HTMLOListElement>(null)
  const press = (event: KeyboardEvent) => {
    const act = isElsewhere(event.target) ? null : actOf(event)
    const chosen = whole.approval
    if (act === null || chosen === undefined) return
    if (act === 'next' || act === 'previous') {
      event.preventDefault()
      const to = moved(index, act, approvals.length)
      setChosenId(approvals[to]?.id ?? null)
      list.current?.children[to]?.scrollIntoView({ block: 'nearest' })
      return
    }
    if (!answers.mayAnswer || answers.isBusy(chosen)) return
    event.preventDefault()
    if (act === 'once') answers.once(chosen)
    if (act === 'deny') answers.deny(chosen)
    if (act === 'always' && answers.mayAlways && chosen.canAlways) void answers.always(chosen)
  }
  const latest = useRef(press)
  latest.current = press
  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      {answers.mayAnswer && <Legend mayAlways={answers.mayAlways} />}
      <ol ref={list} aria-label="Waiting calls" className="flex flex-col gap-3">
        {approvals.map((approval, at) => (
          <li
            key={approval.id}
            aria-current={at === index}
            onFocus={() => setChosenId(approval.id)}
          >
            <ApprovalCard
              approval={at === index ? (whole.approval ?? approval) : approval}
              answers={answers}
              whole={{
                isAsked: at === index,
                error: at === index ? whole.error : null,
                onAsk: at === index ? whole.retry : () => setChosenId(approval.id),
              }}
              isChosen={at === index}
            />
          </li>
        ))}
      </ol>
    </>
  )
}

function Legend({ mayAlways }: { readonly mayAlways: boolean }) {
  return (
    <ul
      aria-label="Keys"
      className="hidden flex-wrap gap-x-4 gap-y-1 text-sm text-kumo-subtle md:flex"
    >
      {LEGEND.filter(([[key]]) => mayAlways || key !== 'A').map(([keys, act]) => (
        <li key={act} className="flex items-center gap-1">
          {keys.map((key) => (
            <kbd
              key={key}
              className="rounded bg-kumo-base px-1.5 font-mono text-xs text-kumo-default ring ring-kumo-line"
            >
              {key}
            </kbd>
          ))}
          {act}
        </li>
      ))}
    </ul>
  )
}
