/** What lanes and states are to SQL, and how the lane of an answer that was set aside is named: said once. */
import { isUrgentLane } from '../../gateway/channels/lane.ts'

/** As the partial indexes of deliveries are written. */
export const OPEN_STATES = `('waiting', 'running', 'answering')`

/** By what urgent lanes begin with, so that the index of lanes finds them. */
const URGENT = `lane >= '!' AND lane < '"'`
const ORDINARY = `NOT (${URGENT})`

/** The clause that finds all lanes of the same urgency. */
export const likeUrgent = (lane: string): string => (isUrgentLane(lane) ? URGENT : ORDINARY)

/** Set aside twice, it keeps its lane. */
export const asideOf = (lane: string, delivery: number): string =>
  `${inPlaceOf(lane, delivery)}~${delivery}`

/** The lane that the delivery was in before it was set aside, if it was. */
export function inPlaceOf(lane: string, delivery: number): string {
  const own = `~${delivery}`
  return lane.endsWith(own) ? lane.slice(0, -own.length) : lane
}

/** Whatever was set aside from a lane is named between these two. */
export const asideBounds = (lane: string): readonly [string, string] => [
  `${lane}~`,
  `${lane}\u007f`,
]
