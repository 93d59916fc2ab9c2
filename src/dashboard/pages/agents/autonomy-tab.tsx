/** How freely the agent acts, and which commands a human is asked about. */
import { NameList } from '../../ui/name-list.tsx'
import { Card, Section } from '../../ui/page.tsx'
import type { AgentFields, TabProps } from './draft.ts'
import { Inheriting } from './inheriting.tsx'
import { InheritingChoice } from './inheriting-choice.tsx'

const LEVELS = [
  ['readonly', 'Read only: tools that change something are refused'],
  ['supervised', 'Supervised: a human is asked before every change'],
  ['full', 'Full: it acts without asking'],
] as const
const SECURITY = [
  ['deny', 'No command runs'],
  ['allowlist', 'Only what is on the list'],
  ['full', 'Everything that no group denies'],
] as const
const ASK = [
  ['off', 'Never'],
  ['on-miss', 'For what is not on the list'],
  ['always', 'Always'],
] as const

export function AutonomyTab({ agent, fields, edit, mayEdit }: TabProps) {
  const { effective } = agent
  const { autonomy = {}, exec_approval: approval = {} } = fields
  const setAutonomy = (change: Partial<NonNullable<AgentFields['autonomy']>>) =>
    edit({ autonomy: { ...autonomy, ...change } })
  const setApproval = (change: Partial<NonNullable<AgentFields['exec_approval']>>) =>
    edit({ exec_approval: { ...approval, ...change } })
  return (
    <div className="flex flex-col gap-6">
      <Section title="Autonomy">
        <Card className="flex flex-col gap-4">
          <InheritingChoice
            label="Level"
            value={autonomy.level}
            inForce={effective.autonomy.level}
            options={LEVELS}
            isOwn={agent.settings.autonomy?.level !== undefined}
            disabled={!mayEdit}
            onChange={(level) => setAutonomy({ level })}
          />
          <Inheriting
            label="Programs that may be named"
            isOwn={autonomy.allowed_commands !== undefined}
            inForce={effective.autonomy.allowed_commands?.join(', ') ?? 'all'}
            disabled={!mayEdit}
            onOwn={() =>
              setAutonomy({ allowed_commands: [...(effective.autonomy.allowed_commands ?? [])] })
            }
            onTakeBack={() => setAutonomy({ allowed_commands: undefined })}
          >
            <NameList
              label="Programs that may be named"
              value={autonomy.allowed_commands ?? []}
              disabled={!mayEdit}
              placeholder="ls"
              description="When set, a command line may name no others. Empty: none."
              onChange={(names) => setAutonomy({ allowed_commands: names })}
            />
          </Inheriting>
        </Card>
      </Section>
      <Section title="Approval of commands">
        <Card className="flex flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <InheritingChoice
              label="What runs"
              value={approval.security}
              inForce={effective.exec_approval.security}
              options={SECURITY}
              isOwn={agent.settings.exec_approval?.security !== undefined}
              disabled={!mayEdit}
              onChange={(security) => setApproval({ security })}
            />
            <InheritingChoice
              label="A human is asked"
              value={approval.ask}
              inForce={effective.exec_approval.ask}
              options={ASK}
              isOwn={agent.settings.exec_approval?.ask !== undefined}
              disabled={!mayEdit}
              onChange={(ask) => setApproval({ ask })}
            />
          </div>
          <Inheriting
            label="List of commands"
            isOwn={approval.allowlist !== undefined}
            inForce={effective.exec_approval.allowlist?.join(', ') || 'nothing'}
            disabled={!mayEdit}
            onOwn={() => setApproval({ allowlist: [...(effective.exec_approval.allowlist ?? [])] })}
            onTakeBack={() => setApproval({ allowlist: undefined })}
          >
            <NameList
              label="List of commands"
              value={approval.allowlist ?? []}
              disabled={!mayEdit}
              placeholder="git status*"
              description="Patterns over whole commands; * stands for anything. Every command of a line has to match one."
              onChange={(allowlist) => setApproval({ allowlist })}
            />
          </Inheriting>
        </Card>
      </Section>
    </div>
  )
}
