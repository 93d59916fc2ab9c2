/** What each tool comes to under all levels, and whose word decided. */
import { Badge } from '@cloudflare/kumo/components/badge'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { formatCount } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { LEVELS } from './verdict.ts'

type Policy = ResultOf<'tools.policy'>
type Tool = Policy['tools'][number]

function reasonOf({ decidedBy }: Tool): string {
  if (decidedBy === null) return 'Nobody says anything of it'
  const { level, place, rule, entry } = decidedBy
  const where = level === 'agent' ? (place === 'own' ? 'This agent' : 'All agents') : LEVELS[level]
  return `${where}: ${rule} ${entry ?? '(not on the list)'}`
}

const COLUMNS: readonly Column<Tool>[] = [
  {
    title: 'Tool',
    width: 'minmax(8rem,1fr)',
    cell: ({ name }) => <code className="text-sm">{name}</code>,
  },
  {
    title: 'Group',
    width: '8rem',
    isSecondary: true,
    cell: ({ group }) => <span className="text-kumo-subtle">{group}</span>,
  },
  {
    title: 'Result',
    width: '6rem',
    cell: ({ allowed, asks }) => (
      <Badge variant={allowed ? (asks ? 'warning' : 'success') : 'error'}>
        {allowed ? (asks ? 'Asks' : 'Allowed') : 'Denied'}
      </Badge>
    ),
  },
  {
    title: 'Because',
    width: 'minmax(0,2fr)',
    isSecondary: true,
    cell: (tool) => <span title={reasonOf(tool)}>{reasonOf(tool)}</span>,
  },
]

export function EffectivePolicy({ agent }: { readonly agent: string }) {
  const mayJudge = useMay('tools.policy')
  const policy = useOperation('tools.policy', { agentId: agent }, { enabled: mayJudge })
  if (!mayJudge) return null
  return (
    <Section title="What it comes to">
      <Answer query={policy} what="Judging the tools">
        {(judged) => (
          <div className="flex flex-col gap-3">
            <Levels policy={judged} />
            <DataList
              label="Tools of this agent"
              columns={COLUMNS}
              rows={judged.tools}
              keyOf={({ name }) => name}
              height="28rem"
              rowHeight={38}
            />
          </div>
        )}
      </Answer>
    </Section>
  )
}

function Levels({ policy }: { readonly policy: Policy }) {
  const { levels, limitPerHour, autonomy, workspaceAccess } = policy
  const says = levels.filter(
    ({ profile, allow, deny }) => profile !== undefined || allow || deny?.length,
  )
  return (
    <Card className="text-sm">
      <p className="text-kumo-subtle">
        In your own conversation here, from the outermost level to the innermost. Autonomy{' '}
        {autonomy}, workspace {workspaceAccess},{' '}
        {limitPerHour === 0 ? 'no limit of calls' : `${formatCount(limitPerHour)} calls an hour`}.
      </p>
      <ol className="mt-2 flex flex-col gap-1">
        {says.map(({ level, place, profile, allow, deny }) => (
          <li key={`${level}/${place}`} className="as-written">
            <strong className="font-medium">
              {level === 'agent'
                ? place === 'own'
                  ? 'This agent'
                  : 'All agents'
                : (LEVELS[level] ?? level)}
            </strong>
            {profile !== undefined && ` · profile ${profile}`}
            {allow !== undefined && ` · allows ${allow.join(', ') || 'nothing'}`}
            {deny !== undefined && deny.length > 0 && ` · denies ${deny.join(', ')}`}
          </li>
        ))}
        {says.length === 0 && <li>No level says anything: every tool is allowed.</li>}
      </ol>
    </Card>
  )
}
