/** The place of the messages before: they are read when it comes near, or when it is asked for. */
import { Button } from '@cloudflare/kumo/components/button'
import { useEffect, useRef, useState } from 'react'
import { Loading } from '../../ui/states.tsx'

interface EarlierProps {
  readonly scroller: React.RefObject<HTMLDivElement | null>
  readonly onEarlier: () => Promise<void>
}

export function Earlier({ scroller, onEarlier }: EarlierProps) {
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
