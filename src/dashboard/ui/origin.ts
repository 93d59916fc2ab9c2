/** Whether an address is of another origin: what is stored for one is never sent to another. Pure. */
export const isOtherOrigin = (stored: string, typed: string): boolean =>
  URL.parse(typed.trim())?.origin !== URL.parse(stored)?.origin
