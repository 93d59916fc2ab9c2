/**
 * The conversation, oldest first. Parts out of sight cost no layout (`content-visibility`), earlier
 * pages come when their place is near, and the end stays in sight for whoever is there.
 */
import { Button } from '@cloudflare/kumo/components/button'
import {
  memo,
  type ReactNode,
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { Loading } from '../../ui/states.tsx'
import type { Conversation, Outgoing } from './conversation.ts'
import { PartView, UserMessage } from './part-view.tsx'
import type { Part } from './parts.ts'
import { RunView } from './run-view.tsx'

/** So near to the end new text is followed. */
const NEAR_PX = 96

export interface TranscriptProps {
  readonly conversation: Conversation
  readonly onEarlier: () => Promise<void>
  readonly onWithdraw: (outgoing: Outgoing) => void
  readonly onRepeat: (outgoing: Outgoing) => void
  /** Questions that wait for somebody, behind the last run. */
  readonly children?: ReactNode
}

export function Transcript({
  conversation,
  onEarlier,
  onWithdraw,
  onRepeat,
  children,
}: TranscriptProps) {
  const { history, runs, outgoing, nextBefore, sessionKey } = conversation
  // A page of history is drawn in slices, between which the page answers.
  const earlier = useDeferredValue(history, [])
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const lastTop = useRef(0)
  const [isAway, setAway] = useState(false)
  const toEnd = useCallback(() => {
    const { current } = scroller
    if (current) current.scrollTop = current.scrollHeight
  }, [])
  const lastSent = outgoing.at(-1)?.key
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the end of what was opened, and of what was sent
  useLayoutEffect(() => {
    isAtEnd.current = true
    toEnd()
  }, [sessionKey, lastSent])
  const content = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) toEnd()
    })
    for (const { current } of [content, scroller]) if (current) observer.observe(current)
    return () => observer.disconnect()
  }, [toEnd])
  const onScroll = () => {
    const { current } = scroller
    if (!current) return
    const isNear = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX
    // Only who scrolls up leaves the end: text that grew under it is followed.
    const hasLeft = current.scrollTop < lastTop.current && !isNear
    lastTop.current = current.scrollTop
    if (isNear) isAtEnd.current = true
    if (hasLeft) isAtEnd.current = false
    setAway(!isAtEnd.current)
  }
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain"
      >
        <div ref={content} className="mx-auto flex max-w-3xl flex-col gap-4 px-1 py-4 sm:px-4">
          {nextBefore !== null && earlier === history && (
            <Earlier key={nextBefore} scroller={scroller} onEarlier={onEarlier} />
          )}
          <History parts={earlier} />
          {runs.map((run) => (
            <RunView key={run.id} run={run} />
          ))}
          {children}
          {outgoing.map((each) => (
            <OutgoingMessage
              key={each.key}
              outgoing={each}
              onWithdraw={() => onWithdraw(each)}
              onRepeat={() => onRepeat(each)}
            />
          ))}
        </div>
      </div>
      {isAway && (
        <div className="absolute inset-x-0 bottom-2 flex justify-center">
          <Button
            size="sm"
            onClick={() => {
              isAtEnd.current = true
              toEnd()
            }}
          >
            To the latest message
          </Button>
        </div>
      )}
    </div>
  )
}

/** Drawn once: while a run goes on nothing of it changes. */
const History = memo(function History({ parts }: { readonly parts: readonly Part[] }) {
  return parts.map((part) => (
    <div
      key={part.key}
      className="flex flex-col [contain-intrinsic-size:auto_5rem] [content-visibility:auto]"
    >
      <PartView part={part} />
    </div>
  ))
})

interface EarlierProps {
  readonly scroller: React.RefObject<HTMLDivElement | null>
  readonly onEarlier: () => Promise<void>
}

function Earlier({ scroller, onEarlier }: EarlierProps) {
  const mark = useRef<HTMLDivElement>(null)
  const [error, setError] = useState<unknown>(null)
  const isAsked = useRef(false)
  const load = async () => {
    if (isAsked.current) return
    isAsked.current = true
    setError(null)
    const { current } = scroller
    const before = current?.scrollHeight ?? 0
    try {
      await onEarlier()
    } catch (failure) {
      setError(failure)
    }
    isAsked.current = false
    // At the very top browsers keep the place of nothing: what was read stays where it was.
    requestAnimationFrame(() => {
      if (current && current.scrollTop === 0) current.scrollTop = current.scrollHeight - before
    })
  }
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    const { current } = mark
    if (!current) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void latest.current()
      },
      { root: scroller.current, rootMargin: '600px 0px 0px 0px' },
    )
    observer.observe(current)
    return () => observer.disconnect()
  }, [scroller])
  return (
    <div ref={mark} className="flex justify-center">
      {error === null ? (
        <Loading what="Reading earlier messages" />
      ) : (
        <Button size="sm" onClick={() => void load()}>
          Show earlier messages
        </Button>
      )}
    </div>
  )
}

interface OutgoingMessageProps {
  readonly outgoing: Outgoing
  readonly onWithdraw: () => void
  readonly onRepeat: () => void
}

function OutgoingMessage({ outgoing, onWithdraw, onRepeat }: OutgoingMessageProps) {
  const { text, state, because } = outgoing
  if (state !== 'failed')
    return (
      <UserMessage text={text}>
        <span role="status" className="self-end text-xs text-kumo-subtle">
          {state === 'sending' ? 'Sending…' : 'The agent reads it when its current step is done.'}
        </span>
      </UserMessage>
    )
  return (
    <UserMessage text={text}>
      <div role="alert" className="flex flex-col items-end gap-1 text-sm">
        <span className="as-written text-kumo-danger">Not sent: {because}</span>
        <span className="flex gap-2">
          <Button size="xs" onClick={onRepeat}>
            Send again
          </Button>
          <Button size="xs" variant="ghost" onClick={onWithdraw}>
            Edit
          </Button>
        </span>
      </div>
    </UserMessage>
  )
}
