/**
 * Reads Prometheus' text format (version 0.0.4) by its own grammar, not by the library that writes it,
 * and refuses what a scraper may: a family in two places, a series twice, buckets that fall.
 */
export interface Family {
  readonly type: string
  readonly help: string
  /** Series as written, with sorted labels: `name{a="b"}` → value. */
  readonly series: ReadonlyMap<string, number>
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

function parseLabels(text: string): readonly (readonly [string, string])[] {
  const labels: [string, string][] = []
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text)
    if (match === null) throw new Error(`malformed labels: ${text}`)
    labels.push([match[1] ?? '', match[2] ?? ''])
  }
  if (new Set(labels.map(([name]) => name)).size !== labels.length) {
    throw new Error(`a label twice: ${text}`)
  }
  return labels.sort(([a], [b]) => (a < b ? -1 : 1))
}

function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) throw new Error(`no value: ${text}`)
  return Number(text)
}

const seriesName = (name: string, labels: readonly (readonly [string, string])[]): string =>
  labels.length === 0 ? name : `${name}{${labels.map(([k, v]) => `${k}="${v}"`).join(',')}}`

/** Buckets of one series rise to `+Inf`, which is its count; a sum stands beside it. */
function checkHistogram(name: string, series: ReadonlyMap<string, number>): void {
  const rising = new Map<string, { le: number; count: number }>()
  for (const [key, count] of series) {
    if (!key.startsWith(`${name}_bucket{`)) continue
    const le = parseValue(/le="([^"]+)"/.exec(key)?.[1] ?? 'missing')
    const rest = key.slice(name.length + '_bucket'.length).replace(/,?le="[^"]+"/, '')
    const own = rest === '{}' ? '' : rest
    const before = rising.get(own)
    if (before !== undefined && (le <= before.le || count < before.count)) {
      throw new Error(`buckets do not rise: ${key}`)
    }
    rising.set(own, { le, count })
  }
  for (const [own, { le, count }] of rising) {
    if (le !== Number.POSITIVE_INFINITY) throw new Error(`${name}${own} has no bucket +Inf`)
    if (series.get(`${name}_count${own}`) !== count) throw new Error(`${name}${own} miscounts`)
    if (!series.has(`${name}_sum${own}`)) throw new Error(`${name}${own} has no sum`)
  }
}

export function parsePrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended')
  const families = new Map<string, { type: string; help: string; series: Map<string, number> }>()
  const helps = new Map<string, string>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const help = HELP.exec(line)
    if (help?.[1] !== undefined) {
      if (helps.has(help[1])) throw new Error(`help twice: ${help[1]}`)
      helps.set(help[1], help[2] ?? '')
      continue
    }
    const type = TYPE.exec(line)
    if (type?.[1] !== undefined) {
      if (families.has(type[1])) throw new Error(`a family in two places: ${type[1]}`)
      current = type[1]
      families.set(current, {
        type: type[2] ?? '',
        help: helps.get(current) ?? '',
        series: new Map(),
      })
      continue
    }
    const sample = SAMPLE.exec(line)
    const family = families.get(current)
    if (sample?.[1] === undefined || family === undefined) throw new Error(`malformed: ${line}`)
    const parts = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    if (!parts.some((part) => sample[1] === `${current}${part}`)) {
      throw new Error(`${line} stands under ${current}`)
    }
    const key = seriesName(sample[1], parseLabels(sample[2] ?? ''))
    if (family.series.has(key)) throw new Error(`a series twice: ${key}`)
    family.series.set(key, parseValue(sample[3] ?? ''))
  }
  for (const [name, { type, series }] of families) {
    if (type === 'histogram') checkHistogram(name, series)
  }
  return families
}

/** The value of one series, wherever it stands. */
export function seriesValue(
  families: ReadonlyMap<string, Family>,
  series: string,
): number | undefined {
  for (const family of families.values()) {
    const value = family.series.get(series)
    if (value !== undefined) return value
  }
  return undefined
}
