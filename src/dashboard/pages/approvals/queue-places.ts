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
  /** As last seen in the list, in pixels; null before it was drawn. */
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
    if (before?.top === box.top && before.height === box.height) return place
    isChanged = true
    const hasMoved = before !== null && before.top !== box.top
    return { ...place, box, movedAt: hasMoved ? now : place.movedAt }
  })
  return isChanged ? seen : places
}

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
