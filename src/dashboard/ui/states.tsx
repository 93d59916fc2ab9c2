/** What is shown while an answer is awaited, when it is a no, and when there is nothing in it. */
import { Button } from '@cloudflare/kumo/components/button'
import { Empty } from '@cloudflare/kumo/components/empty'
import { Loader } from '@cloudflare/kumo/components/loader'
import type { ReactNode } from 'react'
import { codeOf, inPlainWords } from '../client/refusal.ts'

export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <div role="status" className="flex items-center gap-3 p-6 text-kumo-subtle">
      <Loader size="sm" />
      <span>{what}…</span>
    </div>
  )
}

export function FullPageLoading({ what }: { readonly what: string }) {
  return (
    <main className="grid h-full place-items-center">
      <Loading what={what} />
    </main>
  )
}

const HEADINGS: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'You may not see this',
  NOT_FOUND: 'This is not there',
  RESOURCE_EXHAUSTED: 'Too many requests',
  UNAVAILABLE: 'The gateway cannot do this now',
}

export interface FailureProps {
  readonly error: unknown
  /** Else what its code stands for. */
  readonly title?: string
  readonly onRetry?: () => void
}

export function Failure({ error, title, onRetry }: FailureProps) {
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-3 rounded-lg bg-kumo-danger-tint p-4"
    >
      <div>
        <p className="font-semibold text-kumo-danger">
          {title ?? HEADINGS[codeOf(error) ?? ''] ?? 'This could not be shown'}
        </p>
        <p className="as-written text-kumo-default">{inPlainWords(error)}</p>
      </div>
      {onRetry !== undefined && (
        <Button size="sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** A sentence about what went wrong. */
export function Alarm({ children }: { readonly children: string }) {
  return (
    <p role="alert" className="as-written rounded-md bg-kumo-danger-tint p-3 text-kumo-danger">
      {children}
    </p>
  )
}

/** Why an act was not done, beside what asked for it; nothing as long as none failed. */
export function NotDone({ error }: { readonly error: unknown }) {
  return error === null || error === undefined ? null : <Alarm>{inPlainWords(error)}</Alarm>
}

export interface NothingProps {
  readonly title: string
  readonly description?: string
  readonly action?: ReactNode
}

export function Nothing({ title, description, action }: NothingProps) {
  return (
    <Empty
      size="sm"
      title={title}
      {...(description === undefined ? {} : { description })}
      {...(action === undefined ? {} : { contents: action })}
    />
  )
}

/** What was asked of the gateway, in whichever state it is. */
export interface Asked<Value> {
  readonly data: Value | undefined
  readonly error: Error | null
  refetch(): Promise<unknown>
}

export interface AnswerProps<Value> {
  readonly query: Asked<Value>
  readonly what?: string
  /** Shown instead of `children` when it says so of the answer. */
  readonly empty?: (value: Value) => ReactNode | null
  readonly children: (value: Value) => ReactNode
}

/** An answer in whichever state it is; what is there already stays while it is asked anew. */
export function Answer<Value>({ query, what, empty, children }: AnswerProps<Value>) {
  if (query.data !== undefined) return <>{empty?.(query.data) ?? children(query.data)}</>
  if (query.error !== null)
    return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return <Loading {...(what === undefined ? {} : { what })} />
}
