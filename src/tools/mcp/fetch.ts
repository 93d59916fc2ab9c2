/**
 * The fetch of one connection: to the server's own origin and nowhere else, with its key, and with
 * everything bounded that the server could make long — bytes, depth, time, requests. Where it may go is
 * judged by the guarded fetch beneath.
 */
import type { Fetch } from '../../domain/model.ts'
import { capBody } from '../../egress/capped-body.ts'
import { EgressError, HOST_NOT_ALLOWED, TIMED_OUT, TOO_LARGE } from '../../egress/refusal.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_CONNECTION_BYTES,
  MAX_CONNECTION_REQUESTS,
  MAX_DEPTH,
} from './limits.ts'

/** A way out that checks every address; a way through a runner answers only when it has all. */
export interface McpWay {
  readonly fetch: Fetch
  readonly canStream: boolean
}

export interface McpFetchOptions {
  readonly way: McpWay
  readonly url: URL
  /** The key among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly requestMs: number
  /** The older transport listens on one stream for as long as it is connected. */
  readonly isListening: boolean
  readonly closed: AbortSignal
}

export interface McpFetch {
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>
  /** The first thing that befell a request; the library often says no more than that one failed. */
  readonly failure: () => unknown
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEW_LINE = 0x0a
const RETURN = 0x0d

/** Of an event stream, only such lines are put together and parsed. */
const DATA = [0x64, 0x61, 0x74, 0x61, 0x3a]

/**
 * Refuses nesting before anything parses it. Reads JSON, and JSON in lines of an event stream: there,
 * comments and other fields count for nothing, or they would close what the data has opened.
 */
function depthCheck(isEvents: boolean): TransformStream<Uint8Array, Uint8Array> {
  let depth = 0
  let isInString = false
  let isEscaped = false
  let isData = true
  /** Of the byte in its line. */
  let column = 0
  let last = 0

  const endLine = (): void => {
    // No string of JSON goes over a line, and no event over an empty one.
    isInString = false
    isEscaped = false
    if (isEvents && column === 0) depth = 0
    column = 0
    isData = true
  }

  const read = (byte: number): void => {
    if (isEvents && column < DATA.length) isData &&= byte === DATA[column]
    column += 1
    if (!isData) return
    if (isInString) {
      if (isEscaped) isEscaped = false
      else if (byte === BACKSLASH) isEscaped = true
      else if (byte === QUOTE) isInString = false
    } else if (byte === QUOTE) isInString = true
    else if (byte === 0x5b || byte === 0x7b) depth += 1
    else if (byte === 0x5d || byte === 0x7d) depth = Math.max(0, depth - 1)
  }

  return new TransformStream({
    transform(chunk, controller) {
      for (const byte of chunk) {
        // Three ways to end a line (WHATWG HTML, "Server-sent events"); the two-byte one is one end.
        const isSecondHalf = byte === NEW_LINE && last === RETURN
        if (!isSecondHalf) {
          if (byte === NEW_LINE || byte === RETURN) endLine()
          else read(byte)
        }
        last = byte
        if (depth > MAX_DEPTH) throw new EgressError(TOO_LARGE)
      }
      controller.enqueue(chunk)
    },
  })
}

export function createMcpFetch(options: McpFetchOptions): McpFetch {
  const { way, url: own, headers: keys, requestMs, isListening, closed } = options
  let requests = 0
  let bytes = 0
  let failure: unknown = null

  const watched = (response: Response, signal: AbortSignal): Response => {
    if (response.body === null) return response
    const maxBytes = Math.min(MAX_ANSWER_BYTES, MAX_CONNECTION_BYTES - bytes)
    const isEvents = response.headers.get('content-type')?.includes('text/event-stream') ?? false
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        controller.enqueue(chunk)
      },
    })
    const body = capBody(response.body, { maxBytes, signal, onEnd: () => {} })
      .pipeThrough(counted)
      .pipeThrough(depthCheck(isEvents))
    const { status, statusText } = response
    return new Response(body, { status, statusText, headers: response.headers })
  }

  const send = async (input: string | URL, init: RequestInit): Promise<Response> => {
    const url = new URL(input)
    // What a server names as its next address gets no key of ours, and no request either.
    if (url.origin !== own.origin) throw new EgressError(HOST_NOT_ALLOWED)
    if (++requests > MAX_CONNECTION_REQUESTS) throw new EgressError(TOO_LARGE)
    const headers = new Headers(init.headers)
    const isStream = (init.method ?? 'GET') === 'GET'
    if (isStream && !isListening && !headers.has('last-event-id')) {
      // A stream for the server's own messages: nobody here waits for any.
      return new Response(null, { status: 405 })
    }
    if (isStream && isListening && !way.canStream) throw new EgressError(TIMED_OUT)
    for (const [name, value] of Object.entries(keys)) headers.set(name, value)
    const limits = isStream && isListening ? [closed] : [closed, AbortSignal.timeout(requestMs)]
    const signal = AbortSignal.any(init.signal ? [init.signal, ...limits] : limits)
    const response = await way.fetch(url.href, { ...init, headers, signal, redirect: 'error' })
    return watched(response, signal)
  }

  return {
    failure: () => failure,
    fetch: async (input, init = {}) => {
      try {
        return await send(input, init)
      } catch (error) {
        failure ??= error
        throw error
      }
    },
  }
}
