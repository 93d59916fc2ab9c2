/**
 * Server-sent events (WHATWG HTML §9.2) as model vendors use them: only the data matters. Text comes in
 * pieces that are cut anywhere; work is linear in the text, however small the pieces are. An event
 * that does not end is not gathered: both readers throw `OversizedAnswerError`.
 */
import { OversizedAnswerError } from './failure.ts'
import { MAX_SSE_EVENT_BYTES } from './limits.ts'

export interface SseReader {
  /** The data of all events that this piece completes. */
  push(text: string): readonly string[]
  /** The data of a last event that no empty line closed. */
  end(): readonly string[]
}

export function createSseReader(): SseReader {
  let line = ''
  let data: string[] = []
  let dataChars = 0

  const close = (): readonly string[] => {
    if (data.length === 0) return []
    const event = data.join('\n')
    data = []
    dataChars = 0
    return [event]
  }
  /** Characters are never more than the bytes they came in. */
  const extendLine = (text: string): void => {
    if (line.length + text.length + dataChars > MAX_SSE_EVENT_BYTES)
      throw new OversizedAnswerError()
    line += text
  }
  const takeLine = (text: string): readonly string[] => {
    const content = text.endsWith('\r') ? text.slice(0, -1) : text
    if (content === '') return close()
    // Other fields (`event`, `id`, `retry`) and comments, which servers send to stay alive, say nothing.
    if (content.startsWith('data:')) {
      data.push(content.slice(content[5] === ' ' ? 6 : 5))
      // With the line's own framing, so that empty data lines count as well.
      dataChars += content.length + 1
    }
    return []
  }
  return {
    push(text) {
      const [rest = '', ...lines] = text.split('\n')
      extendLine(rest)
      const events: string[] = []
      for (const next of lines) {
        events.push(...takeLine(line))
        line = ''
        extendLine(next)
      }
      return events
    },
    end() {
      const last = line
      line = ''
      return [...takeLine(last), ...close()]
    },
  }
}
