/** A control under its name, with what it is for; for controls that bring no label of their own. */
import type { ReactNode } from 'react'

export interface LabelledProps {
  readonly label: ReactNode
  /** Id of the control. */
  readonly htmlFor: string
  readonly description?: ReactNode
  /** Beside the label: an act, or a mark. */
  readonly aside?: ReactNode
  readonly isLabelHidden?: boolean
  readonly children: ReactNode
}

export function Labelled(props: LabelledProps) {
  const { label, htmlFor, description, aside, isLabelHidden = false, children } = props
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div
        className={
          isLabelHidden ? 'sr-only' : 'flex flex-wrap items-baseline justify-between gap-2'
        }
      >
        <label htmlFor={htmlFor} className="font-medium text-kumo-default">
          {label}
        </label>
        {aside}
      </div>
      {children}
      {description !== undefined && (
        <p id={`${htmlFor}-help`} className="text-sm text-kumo-subtle">
          {description}
        </p>
      )}
    </div>
  )
}

/** For the control itself: it is read out with its description. */
export const helpOf = (id: string, description: ReactNode) =>
  description === undefined ? {} : { 'aria-describedby': `${id}-help` }

/** The look of a control that is the browser's own. */
export const CONTROL =
  'w-full min-w-0 rounded-lg bg-kumo-control px-3 text-kumo-default ring ring-kumo-line focus:outline-none focus-visible:ring-2 focus-visible:ring-kumo-focus disabled:opacity-60'
/** The same in a line with others. */
export const COMPACT =
  'h-8 min-w-0 max-w-full rounded-md bg-kumo-control px-2 text-sm text-kumo-default ring ring-kumo-line placeholder:text-kumo-placeholder'
