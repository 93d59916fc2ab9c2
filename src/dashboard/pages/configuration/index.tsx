/** The tenant's document: as a form, as JSON, as it was before, and who else may change it. */
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab-links.tsx'
import { UnsavedMark } from '../../ui/unsaved-mark.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { useUnsaved } from '../../ui/use-unsaved.ts'
import { type Base, type ConfigEdits, changedEdits, type RawDraft } from './config-edits.ts'
import { Permissions } from './permissions.tsx'
import { RawEditor } from './raw-editor.tsx'
import { SettingsForm } from './settings-form.tsx'
import { Versions } from './versions.tsx'

const TABS = [
  { value: 'settings', title: 'Settings', needs: 'config.schema' },
  { value: 'json', title: 'JSON', needs: 'config.apply' },
  { value: 'versions', title: 'Versions', needs: 'config.versions.list' },
  { value: 'permissions', title: 'Permissions', needs: 'config.permissions.list' },
] as const

export default function ConfigurationPage() {
  const current = useOperation('config.get', {})
  const [search] = useAddress()
  const [edits, setEdits] = useState<ConfigEdits>({})
  const [raw, setRaw] = useState<RawDraft | null>(null)
  const [pinned, setPinned] = useState<Base | null>(null)
  const mayApply = useMay('config.apply')
  const isEdited = current.data !== undefined && changedEdits(current.data.config, edits).length > 0
  const isRawEdited = raw !== null && raw.text !== raw.base
  useUnsaved(isEdited || isRawEdited, 'Your changes of the configuration')
  const tabs = TABS.filter(({ value }) => value !== 'json' || mayApply)
  const selected = tabs.find(({ value }) => value === search['tab'])?.value ?? 'settings'
  const marked = { settings: isEdited, json: isRawEdited, versions: false, permissions: false }
  return (
    <Page
      title="Configuration"
      description="What holds for the whole tenant. Changes act at once, in running sessions too."
    >
      <TabLinks
        label="Parts of the configuration"
        name="tab"
        value={selected}
        keeps
        tabs={tabs.map(({ value, title }) => ({
          value,
          label: (
            <>
              {title}
              {marked[value] && <UnsavedMark />}
            </>
          ),
        }))}
      />
      {selected === 'settings' && (
        <Answer query={current} what="Loading the configuration">
          {(newest) => (
            <SettingsForm
              base={isEdited && pinned !== null ? pinned : newest}
              newest={newest}
              edits={edits}
              onEdits={(fresh) => {
                if (!isEdited) setPinned(newest)
                setEdits(fresh)
              }}
              onReload={async () => {
                const { data } = await current.refetch()
                if (data !== undefined) setPinned(data)
              }}
            />
          )}
        </Answer>
      )}
      {selected === 'json' && (
        <Answer query={current} what="Loading the configuration">
          {(newest) => <RawEditor newest={newest} draft={raw} onDraft={setRaw} />}
        </Answer>
      )}
      {selected === 'versions' && <Versions />}
      {selected === 'permissions' && <Permissions />}
    </Page>
  )
}
