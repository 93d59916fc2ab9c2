/** The viewer's time zone, and moments in it that name it. */

export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

export const allZones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

const format = (timeZone?: string) =>
  new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  })

const own = format()

export const momentWithZone = (at: string): string => own.format(new Date(at))

/** Null where the zone is none that this browser knows. */
export function momentIn(at: string, zone: string): string | null {
  try {
    return format(zone).format(new Date(at))
  } catch {
    return null
  }
}
