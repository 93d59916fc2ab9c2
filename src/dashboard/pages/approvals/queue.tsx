/** The waiting calls, one of them chosen; answered by buttons or by keys. */
import { useEffect, useRef, useState } from 'react'
import type { Approval } from './approval.ts'
import { PlaceList } from './place-list.tsx'
import { actOf, LEGEND } from './queue-keys.ts'
import { chosenAfter } from './queue-places.ts'
import type { Answers } from './use-answers.ts'
import { usePlaces } from './use-places.ts'
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
  const whole = useWhole(approvals.find(({ id }) => id === chosenId))
  const at = usePlaces(approvals.map(({ id }) => id))
  const press = (event: KeyboardEvent) => {
    const act = isElsewhere(event.target) ? null : actOf(event)
    if (act === null) return
    if (act === 'next' || act === 'previous') {
      event.preventDefault()
      const to = chosenAfter(at.places, chosenId, act)
      setChosenId(to)
      const index = at.places.findIndex(({ id }) => id === to)
      at.list.current?.children[index]?.scrollIntoView({ block: 'nearest' })
      return
    }
    // One that has gone leaves the choice to nobody: the next one is another question.
    const chosen = whole.approval
    if (chosen === undefined) return
    if (!answers.mayAnswer || answers.isBusy(chosen)) return
    event.preventDefault()
    if (!at.takesAnswer(chosen.id)) return
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
      <PlaceList
        at={at}
        approvals={approvals}
        answers={answers}
        chosenId={chosenId}
        onChoose={setChosenId}
      />
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
