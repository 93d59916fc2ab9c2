/** The cards of the waiting calls, each in its place; a press where something moved just now answers nothing. */
import type { MouseEvent } from 'react'
import type { Approval } from './approval.ts'
import { ApprovalCard } from './approval-card.tsx'
import { isSettled } from './queue-places.ts'
import type { Answers } from './use-answers.ts'
import type { Places } from './use-places.ts'
import { useWhole } from './use-whole.ts'

export interface PlaceListProps {
  readonly at: Places
  readonly approvals: readonly Approval[]
  readonly answers: Answers
  readonly isInline?: boolean
  readonly chosenId?: string | null
  readonly onChoose?: (id: string) => void
}

export function PlaceList({
  at: { list, places, takesAnswer },
  approvals,
  answers,
  isInline = false,
  chosenId = null,
  onChoose = () => undefined,
}: PlaceListProps) {
  const byId = new Map(approvals.map((approval) => [approval.id, approval]))
  const guard = (event: MouseEvent, id: string) => {
    const isPress = event.target instanceof Element && event.target.closest('button') !== null
    if (!isPress || takesAnswer(id)) return
    event.preventDefault()
    event.stopPropagation()
  }
  const now = Date.now()
  return (
    <ol ref={list} aria-label="Waiting calls" className="flex min-w-0 flex-col gap-3">
      {places.map((place) => {
        const { id, box } = place
        const approval = byId.get(id)
        if (approval === undefined)
          return (
            <li
              key={id}
              style={{ minHeight: box?.height }}
              className="grid place-items-center rounded-lg border border-dashed border-kumo-line p-4 text-kumo-subtle"
            >
              Withdrawn or answered
            </li>
          )
        return (
          <li key={id} aria-current={id === chosenId} onFocus={() => onChoose(id)}>
            {/* biome-ignore lint/a11y/useSemanticElements: no fields are set together here */}
            <div
              role="group"
              aria-disabled={!isSettled(place, now)}
              onClickCapture={(event) => guard(event, id)}
            >
              <PlacedCard
                approval={approval}
                answers={answers}
                isChosen={id === chosenId}
                isInline={isInline}
                onChoose={() => onChoose(id)}
              />
            </div>
          </li>
        )
      })}
    </ol>
  )
}

interface PlacedCardProps {
  readonly approval: Approval
  readonly answers: Answers
  readonly isChosen: boolean
  readonly isInline: boolean
  readonly onChoose: () => void
}

/** Whole as soon as it is looked at: in a conversation at once, in the queue when it is chosen. */
function PlacedCard({ approval, answers, isChosen, isInline, onChoose }: PlacedCardProps) {
  const isAsked = isInline || isChosen
  const whole = useWhole(isAsked ? approval : undefined)
  return (
    <ApprovalCard
      approval={whole.approval ?? approval}
      answers={answers}
      whole={{
        isAsked,
        error: isAsked ? whole.error : null,
        onAsk: isAsked ? whole.retry : onChoose,
      }}
      isChosen={isChosen}
      isInline={isInline}
    />
  )
}
