/**
 * How much of an inbox may be taken up, by one conversation and by one sender as well as by all: whoever
 * is let in may flood their own part of it and nobody else's. What is urgent has a part of its own. It
 * counts nothing; whoever stores and whoever works asks here.
 */
import { isUrgentLane } from '../../gateway/channels/lane.ts'

export interface Share {
  readonly all: number
  readonly lane: number
  readonly sender: number
}

type LaneShare = Omit<Share, 'lane'>

/** Deliveries that wait or are worked on. All: more waits than an hour of a busy instance. */
const OPEN: Share = { all: 20_000, lane: 1_000, sender: 2_000 }
const OPEN_URGENT: Share = { all: 2_000, lane: 100, sender: 50 }

/** Lanes that are worked on at once. A lane is one at a time. */
const BUSY: LaneShare = { all: 512, sender: 32 }
const BUSY_URGENT: LaneShare = { all: 128, sender: 8 }

const MB = 1_024 * 1_024
/** Of files that go out with answers: six of the largest that a workspace holds are one sender's. */
export const FILE_BYTES: Share = { all: 1_024 * MB, lane: 256 * MB, sender: 64 * MB }

export const openShare = (lane: string): Share => (isUrgentLane(lane) ? OPEN_URGENT : OPEN)

export const busyShare = (lane: string): LaneShare => (isUrgentLane(lane) ? BUSY_URGENT : BUSY)

/** What the gateway says of its own accord is nobody's. */
export const NOBODY = ''
