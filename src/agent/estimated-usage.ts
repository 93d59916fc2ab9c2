/**
 * What a call cost whose vendor did not come to say so: it was cut off, or its reader left. Counted
 * roughly, by what was sent and heard: were it nothing, whoever leaves before the last word would
 * spend nobody's budget.
 */
import { NO_USAGE, type Usage } from '../domain/message.ts'
import type { ModelEvent, ModelFailure, ModelPort, ModelRequest } from '../domain/model.ts'
import { estimateAll, estimateText, sizeOfText, tokensOfSize } from './context-window.ts'

/** The vendor was at work when these came about; the others are refusals, which cost nothing. */
const AT_WORK: ReadonlySet<ModelFailure['kind']> = new Set(['aborted', 'timeout', 'cut', 'garbage'])

export interface CallMeter {
  /** Passes the events on; each error carries what the call cost. */
  metered(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent>
  /** Of what was sent and heard so far. */
  estimate(): Usage
}

const textOf = (event: ModelEvent): string => {
  switch (event.type) {
    case 'text':
    case 'thinking':
      return event.delta
    case 'tool_call':
      return event.name + (JSON.stringify(event.arguments) ?? '')
    case 'asked':
    case 'in_vain':
    case 'finish':
    case 'error':
      return ''
  }
}

export function createCallMeter({ system, messages, tools }: ModelRequest): CallMeter {
  // Each piece for itself would be rounded up.
  let heard = { ascii: 0, beyond: 0 }
  const hear = (text: string): void => {
    const { ascii, beyond } = sizeOfText(text)
    heard = { ascii: heard.ascii + ascii, beyond: heard.beyond + beyond }
  }
  const estimate = (): Usage => ({
    ...NO_USAGE,
    promptTokens: estimateText(system + JSON.stringify(tools)) + estimateAll(messages),
    completionTokens: tokensOfSize(heard),
  })
  return {
    estimate,
    async *metered(events) {
      for await (const event of events) {
        hear(textOf(event))
        const isCounted = event.type !== 'error' || event.usage !== undefined
        const hasCost = !isCounted && (tokensOfSize(heard) > 0 || AT_WORK.has(event.failure.kind))
        yield hasCost ? { ...event, usage: estimate() } : event
      }
    },
  }
}

/** A model each of whose tries costs what it was heard to say: inside of whatever tries again. */
export const meteredModel = (model: ModelPort): ModelPort => ({
  stream: (request, signal) => createCallMeter(request).metered(model.stream(request, signal)),
})
