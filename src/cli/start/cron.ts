/**
 * When a cron trigger of wrangler.toml is due. On Cloudflare the platform fires them; locally this
 * host does. Only what wrangler.toml uses is read: numbers, `*`, lists, ranges and steps, in UTC.
 */
const FIELDS: readonly { readonly min: number; readonly max: number; of(date: Date): number }[] = [
  { min: 0, max: 59, of: (date) => date.getUTCMinutes() },
  { min: 0, max: 23, of: (date) => date.getUTCHours() },
  { min: 1, max: 31, of: (date) => date.getUTCDate() },
  { min: 1, max: 12, of: (date) => date.getUTCMonth() + 1 },
  // Cloudflare counts the days of the week from Sunday = 1.
  { min: 1, max: 7, of: (date) => date.getUTCDay() + 1 },
]

function isInPart(part: string, value: number, min: number, max: number): boolean {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
  if (match === null) throw new Error(`cron field ${JSON.stringify(part)} is not understood`)
  const step = match[3] === undefined ? 1 : Number(match[3])
  const from = match[1] === undefined ? min : Number(match[1])
  const isOpen = match[1] === undefined || (match[2] === undefined && match[3] !== undefined)
  const to = isOpen ? max : Number(match[2] ?? match[1])
  return value >= from && value <= to && step > 0 && (value - from) % step === 0
}

export function isCronDue(expression: string, date: Date): boolean {
  const parts = expression.trim().split(/\s+/)
  if (parts.length !== FIELDS.length) {
    throw new Error(`cron expression ${JSON.stringify(expression)} must have five fields`)
  }
  return FIELDS.every(({ min, max, of }, i) =>
    (parts[i] ?? '').split(',').some((part) => isInPart(part, of(date), min, max)),
  )
}

const MINUTE_MS = 60_000

/** Calls `fire` at the beginning of every minute in which an expression is due. */
export function scheduleCrons(
  expressions: readonly string[],
  fire: (expression: string, at: Date) => void,
): { stop(): void } {
  let timer: NodeJS.Timeout
  const arm = () => {
    timer = setTimeout(
      () => {
        const now = new Date()
        for (const expression of expressions) if (isCronDue(expression, now)) fire(expression, now)
        arm()
      },
      MINUTE_MS - (Date.now() % MINUTE_MS),
    )
    timer.unref()
  }
  arm()
  return { stop: () => clearTimeout(timer) }
}
