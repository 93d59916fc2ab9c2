/** Which order an event keeps: its conversation's, or none for what must not wait behind a run. */
import { parseCommand } from '../../channels/commands.ts'
import type { InboundEvent } from '../../domain/channel-event.ts'

/** Commands and answers to questions are about what is going on: behind it they would come too late. */
const URGENT = '!'

export const isUrgentLane = (lane: string): boolean => lane.startsWith(URGENT)

/** Where it was said: what was overheard there is what it was said among, and nothing else is. */
export const placeOfWords = (event: InboundEvent): string => {
  const { kind, id, threadId } = event.conversation
  const isOutside = event.kind === 'message' && event.beginsThread === true
  return JSON.stringify([kind, id, isOutside ? null : threadId])
}

/** @param ownName of the bot: commands may be addressed */
export function laneOf(event: InboundEvent, ownName: string | null): string {
  const { kind, id, threadId } = event.conversation
  const lane = JSON.stringify([kind, id, threadId])
  const isUrgent = event.kind === 'decision' || parseCommand(event.text, ownName) !== null
  return isUrgent ? `${URGENT}${lane}` : lane
}
