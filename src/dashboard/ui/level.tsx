/** How grave something is: a word and a mark, never a colour alone. */
import { InfoIcon } from '@phosphor-icons/react/Info'
import { WarningIcon } from '@phosphor-icons/react/Warning'
import { WarningOctagonIcon } from '@phosphor-icons/react/WarningOctagon'

const LOOKS = {
  info: { word: 'Info', icon: InfoIcon, colour: 'text-kumo-subtle' },
  warn: { word: 'Warning', icon: WarningIcon, colour: 'text-kumo-default' },
  error: { word: 'Error', icon: WarningOctagonIcon, colour: 'text-kumo-danger' },
  critical: { word: 'Critical', icon: WarningOctagonIcon, colour: 'text-kumo-danger' },
} as const

export type LevelName = keyof typeof LOOKS

export const isLevel = (value: unknown): value is LevelName =>
  typeof value === 'string' && Object.hasOwn(LOOKS, value)

export function LevelMark({ level }: { readonly level: LevelName }) {
  const { word, icon: Icon, colour } = LOOKS[level]
  return (
    <span className={`inline-flex items-center gap-1.5 align-middle whitespace-nowrap ${colour}`}>
      <Icon
        size={16}
        aria-hidden
        weight={level === 'info' ? 'regular' : 'fill'}
        className={level === 'warn' ? 'text-kumo-warning' : ''}
      />
      {word}
    </span>
  )
}
