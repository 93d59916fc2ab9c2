/** The places of the waiting calls as they are drawn: looks where each stands, and counts what moved. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useNotify } from '../../ui/notify.ts'
import {
  type Box,
  foundAt,
  isSettled,
  NOT_SCROLLED,
  nextChange,
  onScroll,
  type Place,
  placesOf,
  withBoxes,
} from './queue-places.ts'

export interface Places {
  /** Its children are the places, in their order. */
  readonly list: RefObject<HTMLOListElement | null>
  readonly places: readonly Place[]
  /** Whether an answer to it counts now; whoever is told no is told why. */
  takesAnswer(id: string): boolean
}

/** On the screen, whatever moved them there: what stands above the list as well. */
function boxesOf(
  list: HTMLElement | null,
  places: readonly Place[],
  scrolled: number,
): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>()
  for (const [index, { id }] of places.entries()) {
    const box = list?.children[index]?.getBoundingClientRect()
    if (box) boxes.set(id, { top: box.top + scrolled, height: Math.round(box.height) })
  }
  return boxes
}

/** All that the list stands in, from the nearest on. */
function around(list: HTMLElement | null): readonly Element[] {
  const found: Element[] = []
  for (let each = list?.parentElement; each; each = each.parentElement) found.push(each)
  return found
}

/** What a key moves into sight scrolls at once, ahead of the event that tells of it. */
const KEY_MS = 100

const offsetOf = (list: HTMLElement | null): number =>
  around(list).reduce((sum, { scrollTop }) => sum + scrollTop, 0)

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
  const scrolled = useRef(NOT_SCROLLED)
  const keyedAt = useRef(Number.NEGATIVE_INFINITY)
  const look = () => {
    const now = Date.now()
    const accept = now - keyedAt.current < KEY_MS ? onScroll : foundAt
    scrolled.current = accept(scrolled.current, offsetOf(list.current))
    const looked = withBoxes(places, boxesOf(list.current, places, scrolled.current.byReader), now)
    if (looked !== places) setPlaces(looked)
    return looked
  }
  const latest = useRef(look)
  latest.current = look
  useLayoutEffect(() => void latest.current())
  useEffect(() => {
    if (list.current === null) return
    const observer = new ResizeObserver(() => void latest.current())
    // What comes above the list makes room for itself in one of these.
    for (const each of [list.current, ...around(list.current)]) observer.observe(each)
    const follow = () => {
      scrolled.current = onScroll(scrolled.current, offsetOf(list.current))
    }
    const key = () => {
      keyedAt.current = Date.now()
    }
    document.addEventListener('scroll', follow, { capture: true, passive: true })
    document.addEventListener('keydown', key, { capture: true })
    return () => {
      observer.disconnect()
      document.removeEventListener('scroll', follow, { capture: true })
      document.removeEventListener('keydown', key, { capture: true })
    }
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
