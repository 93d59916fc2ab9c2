/**
 * Listens to one run to its end: what grows of its answer is shown, its questions are put, and what led
 * there is kept in mind. It stores nothing and sends no answer; what it says meanwhile are courtesies.
 */
import type { Audience, InboundEvent } from '../../domain/channel-event.ts'
import { type RunEvent, type RunResult, resultOfTerminal } from '../../domain/run-event.ts'
import type { ChannelDoor, ChannelRun, OpenChannel } from '../../gateway/channels/open-channel.ts'
import { readLines } from '../../protocol/ndjson.ts'
import { Preview } from './preview.ts'
import { Questions } from './questions.ts'
import { reachOver } from './reach.ts'
import { NOTHING_SHOWN, ShownSteps } from './shown-steps.ts'
import type { ShownStore } from './shown-store.ts'

export interface HearParts {
  readonly door: ChannelDoor
  readonly shown: Pick<ShownStore, 'of'>
  now(): number
  trouble(error: unknown): void
}

/** A run that is under way for what somebody wrote. */
export interface Asked {
  readonly run: ChannelRun
  readonly event: InboundEvent
  readonly asker: Audience
  readonly events: ReadableStream<Uint8Array>
}

export interface RunEnd {
  readonly result: RunResult
  /** What the conversation is told of it. */
  readonly words: string
  /** The message that grew: the answer's first piece takes its place. */
  readonly preview: string | null
}

/** Null when it was lost from sight: it goes on, or not, wherever it runs. */
export async function hearRun(
  { run, event, asker, events }: Asked,
  channel: OpenChannel,
  { door, shown, now, trouble }: HearParts,
): Promise<RunEnd | null> {
  const reach = reachOver(door, run.address)
  const preview = new Preview(channel, now, asker, reach)
  const questions = new Questions(channel, asker, reach)
  const steps = new ShownSteps(run.maySeeSteps ? shown.of(event.conversation) : NOTHING_SHOWN)
  preview.begin()
  const result = await follow(events, trouble, (heard) => {
    const grown = steps.hear(heard)
    if (grown !== '') preview.push(grown)
    questions.hear(heard)
  })
  const [messageId] = await Promise.all([preview.end(), questions.end()])
  if (result === null) return null
  return { result, words: steps.before(channel.wordsOf(result), result), preview: messageId }
}

async function follow(
  events: ReadableStream<Uint8Array>,
  trouble: HearParts['trouble'],
  hear: (event: RunEvent) => void,
): Promise<RunResult | null> {
  try {
    for await (const line of readLines(events)) {
      const event = JSON.parse(line) as RunEvent
      const result = resultOfTerminal(event)
      if (result !== null) return result
      hear(event)
    }
  } catch (error) {
    trouble(error)
  }
  return null
}
