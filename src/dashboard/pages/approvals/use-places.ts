/** The places of the waiting calls as they are drawn: looks where each stands, and counts what moved. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useNotify } from '../../ui/notify.ts'
import { type Box, isSettled, nextChange, type Place, placesOf, withBoxes } from './queue-places.ts'

export interface Places {
  /** Its children are the places, in their order. */
  readonly list: RefObject<HTMLOListElement | null>
  readonly places: readonly Place[]
  /** Whether an answer to it counts now; whoever is told no is told why. */
  takesAnswer(id: string): boolean
}

/** Within the list: scrolling moves nothing, it is the reader's own. */
function boxesOf(list: HTMLElement | null, places: readonly Place[]): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>()
  if (list === null) return boxes
  const { top: from } = list.getBoundingClientRect()
  for (const [index, { id }] of places.entries()) {
    const box = list.children[index]?.getBoundingClientRect()
    if (box) boxes.set(id, { top: Math.round(box.top - from), height: Math.round(box.height) })
  }
  return boxes
}

export function usePlaces(ids: readonly string[]): Places {
  const notify = useNotify()
  const list = useRef<HTMLOListElement>(null)
  const [places, setPlaces] = useState(() => placesOf([], ids, Date.now()))
  const named = ids.join(' ')
  const [seen, setSeen] = useState(named)
  if (named !== seen) {
    setSeen(named)
    setPlaces(placesOf(places, ids, Date.now()))
  }
  const look = () => {
    const now = Date.now()
    const looked = withBoxes(places, boxesOf(list.current, places), now)
    if (looked !== places) setPlaces(looked)
    return looked
  }
  const latest = useRef(look)
  latest.current = look
  useLayoutEffect(() => void latest.current())
  useEffect(() => {
    if (list.current === null) return
    const observer = new ResizeObserver(() => void latest.current())
    observer.observe(list.current)
    return () => observer.disconnect()
  }, [])
  // As of this drawing: what settles before the effect runs would else never be drawn so.
  const next = nextChange(places, Date.now())
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the places has its own next
  useEffect(() => {
    if (next === null) return
    const timer = setTimeout(
      () =>
        setPlaces((before) => placesOf(before, named === '' ? [] : named.split(' '), Date.now())),
      Math.max(0, next - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [places, named])
  const takesAnswer = (id: string): boolean => {
    const now = Date.now()
    const place = look().find((each) => each.id === id)
    if (place !== undefined && isSettled(place, now)) return true
    notify.failed('Not answered', new Error('Something moved here just now. Look again.'))
    return false
  }
  return { list, places, takesAnswer }
}
