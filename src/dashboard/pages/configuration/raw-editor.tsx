/** The document as text. It begins as what was said, without the defaults: those may change. */

import { Button } from '@cloudflare/kumo/components/button'
import { useRef, useState } from 'react'
import type { JsonObject } from '../../client/json.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Card } from '../../ui/page.tsx'
import { SaveBar } from '../../ui/save-bar.tsx'
import { Answer } from '../../ui/states.tsx'
import { type Base, type RawDraft, withoutDefaults } from './config-edits.ts'
import { faultOfJson, type JsonFault, startOfLine } from './json-fault.ts'
import { LinedText } from './lined-text.tsx'
import { ReviewDialog } from './review-dialog.tsx'

export interface RawEditorProps {
  readonly newest: Base
  readonly draft: RawDraft | null
  readonly onDraft: (draft: RawDraft | null) => void
}

const textOf = (document: JsonObject): string => `${JSON.stringify(document, null, 2)}\n`

/** The newest version is the stored document itself, as long as it is the one in force. */
function useStored(newest: Base) {
  const versions = useOperation('config.versions.list', { limit: 1 })
  const [last] = versions.data?.versions ?? []
  const isInForce = last !== undefined && last.hash === newest.hash
  const version = useOperation(
    'config.versions.get',
    { number: last?.number ?? 1 },
    { enabled: isInForce },
  )
  const defaults = useOperation(
    'config.defaults',
    {},
    { enabled: versions.isFetched && !isInForce },
  )
  return isInForce
    ? { query: version, document: version.data?.config }
    : {
        query: defaults,
        document: defaults.data && withoutDefaults(newest.config, defaults.data.config),
      }
}

export function RawEditor({ newest, draft, onDraft }: RawEditorProps) {
  const { query, document } = useStored(newest)
  return (
    <Answer query={query} what="Loading the document">
      {() => {
        const base = textOf(document ?? {})
        const shown = draft ?? { base, hash: newest.hash, text: base }
        return (
          <Editor
            draft={shown}
            newest={newest}
            fresh={base}
            onText={(text) => onDraft(text === shown.base ? null : { ...shown, text })}
            onReload={() => onDraft(draft && { base, hash: newest.hash, text: draft.text })}
            onDiscard={() => onDraft(null)}
          />
        )
      }}
    </Answer>
  )
}

interface EditorProps {
  readonly draft: RawDraft
  readonly newest: Base
  readonly fresh: string
  readonly onText: (text: string) => void
  readonly onReload: () => void
  readonly onDiscard: () => void
}

function Editor({ draft, newest, onText, onReload, onDiscard }: EditorProps) {
  const [isReviewing, setReviewing] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const isEdited = draft.text !== draft.base
  const fault = faultOfJson(draft.text)
  const goTo = ({ line, column }: JsonFault) => {
    const at = startOfLine(draft.text, line) + column - 1
    area.current?.focus()
    area.current?.setSelectionRange(at, at)
  }
  return (
    <>
      {isEdited && draft.hash !== newest.hash && (
        <div
          role="status"
          className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-kumo-warning-tint px-4 py-3"
        >
          <p>
            Somebody changed the configuration while you were editing. Your text is kept; reviewing
            it after a reload shows what it would change back.
          </p>
          <Button size="sm" onClick={onReload}>
            Reload and keep my edits
          </Button>
        </div>
      )}
      <Card className="flex flex-col gap-3">
        <p className="text-kumo-subtle">
          Only what was set; everything else has its default. A secret is shown as a mask: leave the
          mask and it stays.
        </p>
        <LinedText
          ref={area}
          label="Configuration as JSON"
          value={draft.text}
          markedLine={fault?.line ?? null}
          onChange={onText}
        />
        {fault === null ? (
          <p className="text-sm text-kumo-subtle">
            {isEdited ? 'This can be read as JSON.' : 'As it is in force.'}
          </p>
        ) : (
          <div role="alert" className="flex flex-wrap items-center gap-3 text-sm">
            <p className="text-kumo-danger">
              Line {fault.line}, column {fault.column}: {fault.message}
            </p>
            <Button size="xs" onClick={() => goTo(fault)}>
              Go there
            </Button>
          </div>
        )}
      </Card>
      <SaveBar
        changes={isEdited ? ['the whole document'] : []}
        isBusy={false}
        isBlocked={fault !== null}
        error={null}
        save="Review changes"
        onSave={() => setReviewing(true)}
        onDiscard={onDiscard}
      />
      {isReviewing && (
        <ReviewDialog
          name="config.apply"
          params={{ raw: draft.text, baseHash: draft.hash }}
          act="Apply changes"
          onClose={() => setReviewing(false)}
          onDone={() => {
            setReviewing(false)
            onDiscard()
          }}
          onReload={() => {
            setReviewing(false)
            onReload()
          }}
        />
      )}
    </>
  )
}
