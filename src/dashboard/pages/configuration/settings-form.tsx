/** The document as a form, one section at a time; what was edited in others waits. */

import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import { useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { Card } from '../../ui/page.tsx'
import { SaveBar } from '../../ui/save-bar.tsx'
import { Answer } from '../../ui/states.tsx'
import { UnsavedMark } from '../../ui/unsaved-mark.tsx'
import { useAddress } from '../../ui/use-address.ts'
import {
  type Base,
  type ConfigEdits,
  changedEdits,
  patchOf,
  pathText,
  withEdit,
} from './config-edits.ts'
import { FieldControl } from './field-control.tsx'
import { Help } from './help.tsx'
import { ReviewDialog } from './review-dialog.tsx'
import { type Field, sectionsOf } from './schema-fields.ts'

export interface SettingsFormProps {
  /** What the edits were begun on. */
  readonly base: Base
  readonly newest: Base
  readonly edits: ConfigEdits
  readonly onEdits: (edits: ConfigEdits) => void
  readonly onReload: () => Promise<void>
}

export function SettingsForm(props: SettingsFormProps) {
  const schema = useOperation('config.schema', {})
  return (
    <Answer query={schema} what="Loading the settings">
      {({ schema: document }) => <Form {...props} sections={sectionsOf(document)} />}
    </Answer>
  )
}

function Form(props: SettingsFormProps & { readonly sections: readonly Field[] }) {
  const { base, newest, edits, onEdits, onReload, sections } = props
  const [search, change] = useAddress()
  const [isReviewing, setReviewing] = useState(false)
  const changed = changedEdits(base.config, edits)
  const selected = sections.find(({ path }) => path[0] === search['section']) ?? sections[0]
  if (selected === undefined) return null
  const isChanged = ({ path }: Field) => changed.some((edit) => edit.path[0] === path[0])
  const select = (name: string) => change({ section: name }, { isStep: true })
  const isOvertaken = changed.length > 0 && base.hash !== newest.hash
  return (
    <>
      {isOvertaken && (
        <div
          role="status"
          className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-kumo-warning-tint px-4 py-3"
        >
          <p>Somebody changed the configuration while you were editing. Your edits are kept.</p>
          <Button size="sm" onClick={() => void onReload()}>
            Reload and keep my edits
          </Button>
        </div>
      )}
      <div className="md:hidden">
        <Choice
          label="Section"
          value={selected.path[0] ?? ''}
          options={sections.map(
            (each) =>
              [
                each.path[0] ?? '',
                isChanged(each) ? `${each.title} (edited)` : each.title,
              ] as const,
          )}
          onChange={select}
        />
      </div>
      <div className="grid gap-6 md:grid-cols-[11rem_minmax(0,1fr)]">
        <nav aria-label="Sections" className="hidden md:block">
          <ul className="sticky top-4 flex flex-col gap-0.5">
            {sections.map((each) => (
              <li key={each.title}>
                <button
                  type="button"
                  aria-current={each === selected ? 'true' : undefined}
                  onClick={() => select(each.path[0] ?? '')}
                  className="flex w-full items-center justify-between rounded-md px-2 py-1 text-left hover:bg-kumo-tint aria-[current=true]:bg-kumo-tint aria-[current=true]:font-medium"
                >
                  {each.title}
                  {isChanged(each) && <UnsavedMark />}
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <section aria-label={selected.title} className="flex min-w-0 flex-col gap-3">
          <div>
            <h2 className="text-lg font-semibold">{selected.title}</h2>
            {selected.help !== null && <Help text={selected.help} />}
          </div>
          <Card className="flex flex-col divide-y divide-kumo-hairline py-0!">
            {(selected.kind === 'group' ? selected.fields : [selected]).map((field) => (
              <FieldControl
                key={pathText(field.path)}
                field={field}
                config={base.config}
                edits={edits}
                onEdit={(edit) => onEdits(withEdit(edits, edit))}
              />
            ))}
          </Card>
        </section>
      </div>
      <SaveBar
        changes={changed.map(({ path }) => pathText(path))}
        isBusy={false}
        error={null}
        save="Review changes"
        onSave={() => setReviewing(true)}
        onDiscard={() => onEdits({})}
      />
      {isReviewing && (
        <ReviewDialog
          name="config.patch"
          params={{ raw: patchOf(base.config, edits), baseHash: base.hash }}
          act="Apply changes"
          onClose={() => setReviewing(false)}
          onDone={() => {
            setReviewing(false)
            onEdits({})
          }}
          onReload={() => {
            setReviewing(false)
            void onReload()
          }}
        />
      )}
    </>
  )
}
