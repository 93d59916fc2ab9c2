/** Puts a text where it can be pasted from. */
import { Button } from '@cloudflare/kumo/components/button'
import { CheckIcon } from '@phosphor-icons/react/Check'
import { CopyIcon } from '@phosphor-icons/react/Copy'
import { useEffect, useState } from 'react'
import { useNotify } from './notify.ts'

const COPIED_MS = 2_000

export interface CopyButtonProps {
  readonly text: string
  readonly size?: 'xs' | 'sm'
  readonly variant?: 'ghost' | 'primary'
}

export function CopyButton({ text, size = 'xs', variant = 'ghost' }: CopyButtonProps) {
  const notify = useNotify()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Without TLS a page has no clipboard; elsewhere somebody may have forbidden it.
      const reason = new Error('This browser lets the page copy nothing. Select the text instead.')
      notify.failed('Not copied', reason)
    }
  }
  return (
    <Button
      size={size}
      variant={variant}
      icon={isCopied ? CheckIcon : CopyIcon}
      onClick={() => void copy()}
    >
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  )
}
