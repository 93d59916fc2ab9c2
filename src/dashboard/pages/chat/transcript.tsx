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
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { Conversation, Outgoing } from './conversation.ts'
import { Earlier } from './earlier.tsx'
import { OutgoingMessage } from './outgoing-message.tsx'
import { PartView } from './part-view.tsx'
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
      {/* Headings of an answer begin at the third level. */}
      <h2 className="sr-only">Conversation</h2>
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
