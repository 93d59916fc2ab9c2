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

/** Names as people list them: by commas, spaces or lines; each once. */
export const parseTools = (text: string): readonly string[] => [
  ...new Set(text.split(/[\s,]+/).filter((name) => name !== '')),
]
