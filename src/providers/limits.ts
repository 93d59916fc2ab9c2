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
