/** The lines of a change, one setting after the other. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { diffEntries, type SettingChange } from './diff-lines.ts'

const KINDS = { added: 'Set', removed: 'Taken back', changed: 'Changed' } as const
const TINTS = { '+': 'bg-kumo-success-tint', '-': 'bg-kumo-danger-tint', ' ': '' } as const
const SAYS = { '+': 'Afterwards: ', '-': 'Before: ', ' ': '' } as const

export function DiffView({ diff }: { readonly diff: readonly SettingChange[] }) {
  const entries = diffEntries(diff)
  if (entries.length === 0) return <p className="text-kumo-subtle">Nothing would change.</p>
  return (
    <ul aria-label="Changes" className="flex flex-col gap-3">
      {entries.map(({ path, kind, lines }) => (
        <li key={path} className="overflow-hidden rounded-lg ring ring-kumo-line">
          <div className="flex items-baseline justify-between gap-3 border-b border-kumo-line px-3 py-1.5">
            <code className="as-written">{path}</code>
            <Badge variant="outline">{KINDS[kind]}</Badge>
          </div>
          <div className="font-mono text-xs leading-5">
            {lines.map(({ sign, text }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text
              <div key={index} className={`flex gap-2 px-3 ${TINTS[sign]}`}>
                <span aria-hidden className="w-3 shrink-0 select-none">
                  {sign}
                </span>
                <span className="as-written min-w-0">
                  <span className="sr-only">{SAYS[sign]}</span>
                  {text}
                </span>
              </div>
            ))}
          </div>
        </li>
      ))}
    </ul>
  )
}
