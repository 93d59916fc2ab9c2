/** Emergency stops in plain words. */
export interface StopWords {
  readonly kind: 'kill-all' | 'network' | 'tools'
  readonly tools: readonly string[]
}

export function stopTitle({ kind, tools }: StopWords): string {
  switch (kind) {
    case 'kill-all':
      return 'All runs are stopped'
    case 'network':
      return 'Tools reach nothing outside'
    case 'tools':
      return `Stopped tools: ${tools.join(', ')}`
  }
}

export interface StoppableTool {
  readonly name: string
  readonly group: string
}

const groupEntry = ({ group }: StoppableTool): string => `group:${group}`

/** What a stop can name: each group, then each tool. */
export const stoppable = (tools: readonly StoppableTool[]): readonly string[] => [
  ...new Set([...tools.map(groupEntry).toSorted(), ...tools.map(({ name }) => name).toSorted()]),
]

/** Of these entries the ones that stop nothing: no tool, no group, and the beginning of no name. */
export const stoppingNothing = (
  entries: readonly string[],
  tools: readonly StoppableTool[],
): readonly string[] =>
  entries.filter(
    (entry) =>
      !tools.some(
        (tool) =>
          entry === tool.name ||
          entry === groupEntry(tool) ||
          (entry.endsWith('*') && tool.name.startsWith(entry.slice(0, -1))),
      ),
  )
