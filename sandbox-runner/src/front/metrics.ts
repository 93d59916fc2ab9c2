/** Counters in Prometheus' text form. No label ever comes from a request. */
export function createMetrics() {
  const counters = new Map<string, number>()
  const add = (name: string, amount = 1): void => {
    counters.set(name, (counters.get(name) ?? 0) + amount)
  }
  return {
    add,
    text(gauges: Readonly<Record<string, number>>): string {
      const lines: string[] = []
      const typed = new Set<string>()
      const push = (name: string, type: string, value: number): void => {
        const family = name.replace(/\{.*$/, '')
        if (!typed.has(family)) lines.push(`# TYPE ${family} ${type}`)
        typed.add(family)
        lines.push(`${name} ${value}`)
      }
      for (const name of [...counters.keys()].sort()) push(name, 'counter', counters.get(name) ?? 0)
      for (const [name, value] of Object.entries(gauges)) push(name, 'gauge', value)
      return `${lines.join('\n')}\n`
    },
  }
}
export type Metrics = ReturnType<typeof createMetrics>
