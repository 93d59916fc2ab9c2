/**
 * What a call cost whose vendor did not come to say so: it was cut off, or its reader left. Counted
 * roughly, by what was sent and heard: were it nothing, whoever leaves before the last word would
 * spend nobody's budget.
 */
import { NO_USAGE, type Usage } from '../domain/message.ts'
import type { ModelEvent, ModelFailure, ModelRequest } from '../domain/model.ts'
import { estimateTextTokens, estimateTokens } from './context-window.ts'

/** The vendor was at work when these came about; the others are refusals, which cost nothing. */
const AT_WORK: ReadonlySet<ModelFailure['kind']> = new Set(['aborted', 'timeout', 'cut', 'garbage'])

export interface CallMeter {
  /** Passes the events on; each error carries what the call cost. */
  metered(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent>
  /** Of what was sent and heard so far. */
  estimate(): Usage
}

const sizeOf = (event: ModelEvent): number => {
  switch (event.type) {
    case 'text':
    case 'thinking':
      return event.delta.length
    case 'tool_call':
      return event.name.length + (JSON.stringify(event.arguments)?.length ?? 0)
    case 'finish':
    case 'error':
      return 0
  }
}

export function createCallMeter({ system, messages, tools }: ModelRequest): CallMeter {
  let heard = 0
  const estimate = (): Usage => ({
    ...NO_USAGE,
    promptTokens:
      estimateTextTokens(system.length + JSON.stringify(tools).length) +
      messages.reduce((sum, message) => sum + estimateTokens(message), 0),
    completionTokens: estimateTextTokens(heard),
  })
  return {
    estimate,
    async *metered(events) {
      for await (const event of events) {
        heard += sizeOf(event)
        const isCounted = event.type !== 'error' || event.usage !== undefined
        const hasCost = !isCounted && (heard > 0 || AT_WORK.has(event.failure.kind))
        yield hasCost ? { ...event, usage: estimate() } : event
      }
    },
  }
}
