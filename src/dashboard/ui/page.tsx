/** The frame of a page: its title in the tab and as heading, what it is for, and its main acts. */
import { type ReactNode, useEffect } from 'react'

export interface PageProps {
  readonly title: string
  readonly description?: string
  readonly actions?: ReactNode
  /** The page takes the whole height and scrolls inside, as a conversation does. */
  readonly fillsHeight?: boolean
  readonly children: ReactNode
}

export function Page({ title, description, actions, fillsHeight = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · EdgeClaw`
  }, [title])
  return (
    <div
      className={`mx-auto flex w-full max-w-7xl flex-col gap-4 p-4 md:p-6 ${fillsHeight ? 'h-full min-h-0' : ''}`}
    >
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold text-kumo-default">{title}</h1>
          {description !== undefined && <p className="mt-1 text-kumo-subtle">{description}</p>}
        </div>
        {actions !== undefined && (
          <div className="flex flex-wrap items-center gap-2">{actions}</div>
        )}
      </header>
      {children}
    </div>
  )
}

export interface SectionProps {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page under a heading of its own. */
export function Section({ title, actions, children }: SectionProps) {
  return (
    <section className="flex flex-col gap-3" aria-label={title}>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-lg font-semibold text-kumo-default">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  )
}

/** A surface that holds things that belong together. */
export function Card({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <div className={`rounded-lg bg-kumo-base p-4 ring ring-kumo-line ${className}`}>{children}</div>
  )
}
