/** What is known of one thing, each fact beside its name. */
import type { ReactNode } from 'react'
import { Card } from './page.tsx'

export function Facts({ children }: { readonly children: ReactNode }) {
  return (
    <Card>
      <dl className="m-0 grid gap-x-6 gap-y-0.5 sm:grid-cols-[max-content_minmax(0,1fr)]">
        {children}
      </dl>
    </Card>
  )
}

/** Lies in {@link Facts}. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-kumo-subtle">{name}</dt>
      <dd className="as-written m-0 mb-2 min-w-0 last:mb-0">{children}</dd>
    </>
  )
}
