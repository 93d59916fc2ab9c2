/** Picks a folder with a SKILL.md, or takes a text that is written here. */
import { Button } from '@cloudflare/kumo/components/button'
import { FolderOpenIcon } from '@phosphor-icons/react/FolderOpen'
import { useEffect, useId, useRef, useState } from 'react'
import { CONTROL, Labelled } from '../../ui/labelled.tsx'
import { formatBytes } from '../../ui/numbers.ts'
import { type Bundle, bytesOf, readBundle } from './bundle.ts'

export interface BundlePickerProps {
  /** What is there already, to be edited here; null: nothing is. */
  readonly current: (() => Promise<Bundle>) | null
  readonly onPick: (bundle: Bundle | null, error: unknown) => void
}

const FRESH = `---
name: my-skill
description: What it is for, and when to use it.
---
# How to do it

1. `

export function BundlePicker({ current, onPick }: BundlePickerProps) {
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const [files, setFiles] = useState<Bundle['files']>([])
  const [isReading, setReading] = useState(false)
  // No property of React's, but every browser's: a folder instead of files.
  useEffect(() => input.current?.setAttribute('webkitdirectory', ''), [])
  const attempt = async (read: () => Promise<Bundle>): Promise<Bundle | null> => {
    setText(null)
    setReading(true)
    try {
      const bundle = await read()
      onPick(bundle, null)
      return bundle
    } catch (error) {
      onPick(null, error)
      return null
    } finally {
      setReading(false)
    }
  }
  const write = async () => {
    const start = await attempt(current ?? (async () => ({ skill_md: FRESH, files: [] })))
    if (start === null) return
    setText(start.skill_md)
    setFiles(start.files)
  }
  const edit = (written: string) => {
    setText(written)
    onPick({ skill_md: written, files }, null)
  }
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Folder of the skill"
        onChange={({ target }) => {
          const picked = [...(target.files ?? [])]
          if (picked.length > 0) void attempt(() => readBundle(picked))
          target.value = ''
        }}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button icon={FolderOpenIcon} onClick={() => input.current?.click()}>
          Choose a folder
        </Button>
        <Button variant="ghost" loading={isReading} onClick={() => void write()}>
          {current === null ? 'Write it here' : 'Edit the text here'}
        </Button>
      </div>
      <p className="text-sm text-kumo-subtle">
        A SKILL.md with name and description on top, and further files of text beside it. Hidden
        files stay where they are.
      </p>
      {text !== null && (
        <Labelled label="SKILL.md" htmlFor={id}>
          <textarea
            id={id}
            rows={14}
            value={text}
            spellCheck={false}
            onChange={({ target }) => edit(target.value)}
            className={`${CONTROL} py-2 font-mono text-sm`}
          />
        </Labelled>
      )}
    </>
  )
}

/** What would be sent. */
export function BundleFiles({ bundle: { skill_md: text, files } }: { readonly bundle: Bundle }) {
  return (
    <ul
      aria-label="What is uploaded"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls (WCAG 2.1.1)
      tabIndex={0}
      className="flex max-h-40 flex-col gap-1 overflow-auto rounded-lg bg-kumo-recessed p-3 font-mono text-xs"
    >
      {[{ path: 'SKILL.md', content: text }, ...files].map(({ path, content }) => (
        <li key={path} className="flex justify-between gap-3">
          <span className="as-written min-w-0">{path}</span>
          <span className="whitespace-nowrap">{formatBytes(bytesOf(content))}</span>
        </li>
      ))}
    </ul>
  )
}
