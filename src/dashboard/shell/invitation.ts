/**
 * The secret of an invitation's link (`/#/join/…`). It is taken out of the address at once, so that
 * it ends in no history, and lives in memory until it is used.
 */
const JOIN = /^#\/join\/([A-Za-z0-9_.-]{1,200})$/

let kept: string | null = null

export function takeInvitation(): void {
  const found = JOIN.exec(location.hash)?.[1]
  if (found === undefined) return
  kept = found
  history.replaceState(null, '', '/')
}

export const invitation = {
  get: (): string | null => kept,
  forget: (): void => {
    kept = null
  },
}
