/**
 * Where the waiting calls stand. Each keeps its place: one that goes leaves it empty for a while, new
 * ones come last. No answer counts where something else stood a moment ago: it may be meant for that. Pure.
 */
import type { QueueAct } from './queue-keys.ts'

/** As long as it takes to see that something else stands there. */
export const SETTLE_MS = 1_000
/** As long as it is said what became of one that went. */
export const GONE_MS = 5_000

export interface Place {
  readonly id: string
  /** When it came, or came to stand elsewhere. */
  readonly movedAt: number
  readonly goneAt: number | null
  /** As last seen, in pixels, had nobody scrolled; null before it was drawn. */
  readonly box: Box | null
}

export interface Box {
  readonly top: number
  readonly height: number
}

export function placesOf(
  before: readonly Place[],
  ids: readonly string[],
  now: number,
): readonly Place[] {
  const waiting = new Set(ids)
  const known = new Set(before.map(({ id }) => id))
  let isAfterDropped = false
  const kept = before.flatMap((place) => {
    const isBack = waiting.has(place.id) && place.goneAt !== null
    const goneAt = waiting.has(place.id) ? null : (place.goneAt ?? now)
    if (goneAt !== null && now - goneAt >= GONE_MS) {
      isAfterDropped = true
      return []
    }
    return [{ ...place, goneAt, movedAt: isAfterDropped || isBack ? now : place.movedAt }]
  })
  const added = ids.filter((id) => !known.has(id))
  return [...kept, ...added.map((id) => ({ id, movedAt: now, goneAt: null, box: null }))]
}

/** Less is how the same place is counted twice. */
const MOVED_PX = 1

/** The same ones where nothing moved. */
export function withBoxes(
  places: readonly Place[],
  boxes: ReadonlyMap<string, Box>,
  now: number,
): readonly Place[] {
  let isChanged = false
  const seen = places.map((place) => {
    const box = boxes.get(place.id)
    if (box === undefined || place.goneAt !== null) return place
    const { box: before } = place
    const hasMoved = before !== null && Math.abs(before.top - box.top) > MOVED_PX
    if (!hasMoved && before?.height === box.height) return place
    isChanged = true
    // Against where it last came to stand: what creeps has moved as well.
    const top = before === null || hasMoved ? box.top : before.top
    return { ...place, box: { top, height: box.height }, movedAt: hasMoved ? now : place.movedAt }
  })
  return isChanged ? seen : places
}

/** How far the reader scrolled what the places stand in. */
export interface Scrolled {
  readonly byReader: number
  /** As it stands now, whoever scrolled. */
  readonly offset: number
}

export const NOT_SCROLLED: Scrolled = { byReader: 0, offset: 0 }

/** Told of by an event: that is the reader, who has seen it move. */
export const onScroll = ({ byReader, offset: before }: Scrolled, offset: number): Scrolled => ({
  byReader: byReader + offset - before,
  offset,
})

/** Found so: what was drawn anew scrolled by itself, as a list does that became too short. */
export const foundAt = ({ byReader }: Scrolled, offset: number): Scrolled => ({ byReader, offset })

export const isSettled = ({ goneAt, movedAt }: Place, now: number): boolean =>
  goneAt === null && now - movedAt >= SETTLE_MS

/** When a place settles or goes next, if one does. */
export function nextChange(places: readonly Place[], now: number): number | null {
  const times = places.map(({ goneAt, movedAt }) =>
    goneAt === null ? movedAt + SETTLE_MS : goneAt + GONE_MS,
  )
  const coming = times.filter((time) => time > now)
  return coming.length === 0 ? null : Math.min(...coming)
}

/** The choice after a move, from where the chosen one stands or stood; it stays in the list. */
export function chosenAfter(
  places: readonly Place[],
  chosenId: string | null,
  act: QueueAct & ('next' | 'previous'),
): string | null {
  const at = places.findIndex(({ id }) => id === chosenId)
  const there =
    act === 'next' ? places.slice(at + 1) : places.slice(0, Math.max(at, 0)).toReversed()
  const found = there.find(({ goneAt }) => goneAt === null)
  if (found !== undefined) return found.id
  return places[at]?.goneAt === null ? chosenId : null
}
