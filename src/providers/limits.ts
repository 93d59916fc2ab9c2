/** How long a vendor may take. Counted in bytes on the wire, so that a vendor's pings count as life. */
export interface ModelTimeouts {
  /** Until the first byte of the answer's body. */
  readonly firstByteMs: number
  /** Between two reads of the answer's body. */
  readonly idleMs: number
  /** The whole call. */
  readonly callMs: number
}

/** A queue at the vendor is normal, a minute of silence is not; ten minutes end any runaway answer. */
export const MODEL_TIMEOUTS: ModelTimeouts = {
  firstByteMs: 60_000,
  idleMs: 60_000,
  callMs: 10 * 60_000,
}

/** Vendor words in a failure: enough to act on, too little to carry a page of HTML. */
export const MAX_VENDOR_MESSAGE_CHARS = 300

/** Of one answer on the wire: what is streamed beyond this is broken or hostile. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/** One line or event of a stream, gathered before it is parsed; vendors' own hold some kilobytes. */
export const MAX_SSE_EVENT_BYTES = 1024 * 1024

/** Of a refusal's body: its message stands at the beginning. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024

/** Ids, names and inputs of all tool calls of one answer, which are held back until it is complete. */
export const MAX_CALL_CHARS = 300_000

/** What each call counts beside its text, so that empty ones do not come without end. */
export const CALL_OVERHEAD_CHARS = 100
