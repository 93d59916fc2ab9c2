/** One custom tool: what it does, who may use it, and a trial. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { agentsInWords } from '../../ui/agents-field.tsx'
import { DeleteButton } from '../../ui/delete-button.tsx'
import { EnabledSwitch } from '../../ui/enabled-switch.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { Written } from '../../ui/written.tsx'
import { hasSecrets, KINDS, type Tool } from './tool.ts'
import { ToolDialog } from './tool-dialog.tsx'
import { ToolTrial } from './tool-trial.tsx'

export function ToolPage({ id }: { readonly id: string }) {
  const tool = useOperation('tools.custom.get', { id })
  return (
    <Page
      title={tool.data?.name ?? id}
      {...(tool.data === undefined ? {} : { description: tool.data.description })}
      actions={
        <>
          {tool.data !== undefined && <Acts tool={tool.data} />}
          <Link to="/custom-tools" className="text-kumo-link hover:underline">
            All custom tools
          </Link>
        </>
      }
    >
      <Answer query={tool} what="Loading the tool">
        {(found) => (
          <>
            <ToolFacts tool={found} />
            <Section title="Arguments">
              <Written value={found.parameters} />
            </Section>
            <ToolTrial tool={found} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Acts({ tool }: { readonly tool: Tool }) {
  const { id, name } = tool
  const [search, change] = useAddress()
  const mayChange = useMay('tools.custom.update')
  const remove = useChange('tools.custom.delete', {
    onDone: () => void navigate({ to: '/custom-tools' }),
  })
  const navigate = useNavigate()
  if (!mayChange) return null
  return (
    <>
      <EnabledSwitch operation="tools.custom.update" of={tool} />
      <Button onClick={() => change({ edit: 'yes' }, { isStep: true })}>Edit</Button>
      <DeleteButton
        what={`the tool “${name}”`}
        consequence="Its headers and variables go, and no agent can call it any more."
        onDelete={() => remove.mutateAsync({ id })}
      />
      {search['edit'] !== undefined && (
        <ToolDialog tool={tool} onClose={() => change({ edit: null }, { isStep: true })} />
      )}
    </>
  )
}

function ToolFacts({ tool }: { readonly tool: Tool }) {
  const { kind, method, origin, path, query, body, command } = tool
  const isRequest = kind === 'http'
  const hasQuery = query !== null && Object.keys(query).length > 0
  const hasBody = body !== null && body !== undefined
  return (
    <Facts>
      <Fact name="Kind">{KINDS[kind]}</Fact>
      {isRequest ? (
        <Fact name="Request">
          <span className="font-mono">
            {method} {origin}
            {path}
          </span>{' '}
          {tool.allow_private_network && <Badge variant="warning">Private network</Badge>}
        </Fact>
      ) : (
        <Fact name="Command">
          <Written value={command} />
        </Fact>
      )}
      {hasQuery && (
        <Fact name="Query">
          <Written value={query} />
        </Fact>
      )}
      {hasBody && (
        <Fact name="Body">
          <Written value={body} />
        </Fact>
      )}
      <Fact name="Group">{tool.group}</Fact>
      <Fact name="Agents">{agentsInWords(tool.agents)}</Fact>
      <Fact name="A call may take">{tool.timeout_seconds} s</Fact>
      <Fact name={isRequest ? 'Headers' : 'Variables'}>
        {hasSecrets(tool) ? <Badge variant="success">Stored</Badge> : 'none'}
      </Fact>
    </Facts>
  )
}
