/** One object per control socket. It never awaits a run: sessions and the tenant push to it. */
export interface ConnectionPort {
  /** Finished frames, in order; false when the socket is gone and the sender may forget it. */
  deliver(frames: readonly string[]): Promise<boolean>
  /** Rights changed: closes the socket if its credential ended. False when it is gone. */
  recheck(): Promise<boolean>
  /** Closes the socket with 1013: frames were lost on the way, and the client must come back for them. */
  drop(): Promise<void>
  /** The upgrade of `/ws`. */
  fetch(request: Request): Promise<Response>
}
