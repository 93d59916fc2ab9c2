/** One agent in tabs over one draft: what is edited in one tab is still there after a look at another. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Page } from '../../ui/page.tsx'
import { SaveBar } from '../../ui/save-bar.tsx'
import { Answer } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab-links.tsx'
import { UnsavedMark } from '../../ui/unsaved-mark.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { useUnsaved } from '../../ui/use-unsaved.ts'
import { AutonomyTab } from './autonomy-tab.tsx'
import { BudgetsTab } from './budgets-tab.tsx'
import {
  type Agent,
  type AgentEdits,
  type AgentFields,
  changedFields,
  type Edit,
  fieldsOf,
  inWords,
  TABS,
  type TabName,
  type TabProps,
  tabOf,
  updateOf,
} from './draft.ts'
import { FilesTab } from './files-tab.tsx'
import { GeneralTab } from './general-tab.tsx'
import { SandboxTab } from './sandbox-tab.tsx'
import { ToolsTab } from './tools-tab.tsx'

export function AgentPage({ agent }: { readonly agent: string }) {
  const query = useOperation('agents.get', { agentId: agent })
  if (query.data !== undefined) return <Editor agent={query.data} />
  return (
    <Page title={agent}>
      <Answer query={query} what="Loading the agent">
        {() => null}
      </Answer>
    </Page>
  )
}

function Editor({ agent }: { readonly agent: Agent }) {
  const [edits, setEdits] = useState<AgentEdits>({})
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const update = useChange('agents.update', { alsoStale: ['models', 'tools', 'shell'] })
  const notify = useNotify()
  const [search] = useAddress()
  const mayEdit = useMay('agents.update')
  const isAdmin = useMay('agents.create')
  const saved = fieldsOf(agent)
  const changed = changedFields(saved, edits)
  const files = Object.keys(texts)
  useUnsaved(changed.length + files.length > 0, `Your changes of “${agent.display_name}”`)
  const fields = { ...saved, ...edits } as AgentFields
  const edit: Edit = (fresh) => setEdits((before) => ({ ...before, ...fresh }))
  const editText = (name: string, text: string | null) =>
    setTexts((before) => {
      const { [name]: _, ...others } = before
      return text === null ? others : { ...others, [name]: text }
    })
  const save = async () => {
    try {
      await update.mutateAsync(updateOf(agent, edits))
      setEdits({})
      notify.done('Saved.')
    } catch {
      // Shown by the bar, beside what is kept.
    }
  }
  const isUnsaved = (tab: TabName): boolean =>
    changed.some((name) => tabOf(name) === tab) || (tab === 'files' && files.length > 0)
  const tabs = TABS.map(({ value, title }) => ({
    value,
    label: (
      <>
        {title}
        {isUnsaved(value) && <UnsavedMark />}
      </>
    ),
  }))
  const selected: TabName = TABS.find(({ value }) => value === search['tab'])?.value ?? 'general'
  const props: TabProps = { agent, fields, edit, mayEdit, isAdmin }
  return (
    <Page
      title={agent.display_name}
      description={`${agent.provider} / ${agent.model}`}
      actions={
        <>
          {agent.is_default && <Badge variant="info">Default agent</Badge>}
          <Badge variant={agent.status === 'active' ? 'success' : 'neutral'}>
            {agent.status === 'active' ? 'Active' : 'Disabled'}
          </Badge>
          <Link to="/agents" className="text-kumo-link hover:underline">
            All agents
          </Link>
        </>
      }
    >
      <TabLinks label="Parts of the agent" name="tab" value={selected} tabs={tabs} keeps />
      {!mayEdit && <p className="text-kumo-subtle">You may look at this agent, not change it.</p>}
      {selected === 'general' && <GeneralTab {...props} />}
      {selected === 'files' && (
        <FilesTab agent={agent} isAdmin={isAdmin} texts={texts} onText={editText} />
      )}
      {selected === 'tools' && <ToolsTab {...props} isDirty={changed.length > 0} />}
      {selected === 'autonomy' && <AutonomyTab {...props} />}
      {selected === 'sandbox' && <SandboxTab {...props} />}
      {selected === 'budgets' && <BudgetsTab agent={agent} />}
      <SaveBar
        changes={changed.map(inWords)}
        isBusy={update.isPending}
        error={update.error}
        save="Save changes"
        onSave={() => void save()}
        onDiscard={() => {
          update.reset()
          setEdits({})
        }}
      />
    </Page>
  )
}
