/** Where a message is written. Enter sends it, Shift and Enter begin a new line; files may be dropped. */
import { Button } from '@cloudflare/kumo/components/button'
import { ArrowUpIcon } from '@phosphor-icons/react/ArrowUp'
import { PaperclipIcon } from '@phosphor-icons/react/Paperclip'
import { StopIcon } from '@phosphor-icons/react/Stop'
import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react'
import { AttachedFiles } from './attached-files.tsx'
import { draftOf, keepDraft } from './conversations.ts'
import { attachedLine } from './files.ts'
import { useAttachments } from './use-attachments.ts'

export interface ComposerProps {
  /** Drafts are kept by it: a session's key, or `new`. */
  readonly place: string
  /** Into whose workspace files go. */
  readonly agent: string
  readonly isRunning: boolean
  readonly onSend: (text: string) => void
  readonly onStop: () => void
  /** Why nothing can be written; null when it can. */
  readonly closedBecause: string | null
}

export function Composer(props: ComposerProps) {
  const { place, agent, isRunning, onSend, onStop, closedBecause } = props
  const [text, setText] = useState(() => draftOf(place))
  const [isOver, setOver] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const files = useAttachments(agent)
  const write = (value: string) => {
    setText(value)
    keepDraft(place, value)
  }
  const isReady = (text.trim() !== '' || files.paths.length > 0) && !files.isBusy
  const send = () => {
    if (!isReady || closedBecause !== null) return
    onSend(
      [text.trim(), ...files.paths.map(attachedLine)].filter((each) => each !== '').join('\n\n'),
    )
    write('')
    files.clear()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // An input method's Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (closedBecause === null) files.add([...event.dataTransfer.files])
  }
  return (
    <form
      aria-label="Composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={`mx-auto w-full max-w-3xl rounded-xl bg-kumo-base p-2 ring focus-within:ring-kumo-focus ${isOver ? 'ring-2 ring-kumo-focus' : 'ring-kumo-line'}`}
    >
      <AttachedFiles files={files.files} onRemove={files.remove} />
      <label className="block">
        <span className="sr-only">Message</span>
        <textarea
          value={text}
          onChange={({ target }) => write(target.value)}
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => files.add([...clipboardData.files])}
          rows={2}
          disabled={closedBecause !== null}
          placeholder={closedBecause ?? 'Write to the agent'}
          className="block max-h-60 min-h-12 w-full resize-none bg-transparent px-2 py-1.5 leading-6 outline-none [field-sizing:content] placeholder:text-kumo-subtle"
        />
      </label>
      <div className="flex items-center gap-2">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={({ target }) => {
            files.add([...(target.files ?? [])])
            target.value = ''
          }}
        />
        <Button
          variant="ghost"
          shape="square"
          icon={PaperclipIcon}
          aria-label="Attach files"
          title="Attach files"
          disabled={closedBecause !== null}
          onClick={() => picker.current?.click()}
        />
        <span className="hidden flex-1 text-xs text-kumo-subtle sm:block">
          Enter sends, Shift+Enter begins a new line
        </span>
        <span className="flex-1 sm:hidden" />
        {isRunning && (
          <Button icon={StopIcon} onClick={onStop}>
            Stop
          </Button>
        )}
        <Button
          type="submit"
          variant="primary"
          icon={ArrowUpIcon}
          disabled={!isReady || closedBecause !== null}
        >
          Send
        </Button>
      </div>
    </form>
  )
}
