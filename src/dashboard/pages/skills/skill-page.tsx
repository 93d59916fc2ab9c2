/** One skill: what it says, who has it, and what it said before. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { DeleteButton } from '../../ui/delete-button.tsx'
import { formatBytes } from '../../ui/numbers.ts'
import { OnSwitch } from '../../ui/on-switch.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { Grants } from './grants.tsx'
import { Verdict } from './scan-verdict.tsx'
import type { Skill } from './skill.ts'
import { SkillText } from './skill-text.tsx'
import { UploadDialog } from './upload-dialog.tsx'
import { Versions } from './versions.tsx'

const LIST = (
  <Link to="/skills" className="text-kumo-link hover:underline">
    All skills
  </Link>
)

export function SkillPage({ name }: { readonly name: string }) {
  const [{ version }] = useAddress()
  const mayGoBack = useMay('skills.versions')
  const number = mayGoBack && version !== undefined ? Number(version) : null
  const skill = useOperation('skills.get', { name, version: number }, { keepsPrevious: true })
  return (
    <Page
      title={name}
      {...(skill.data === undefined ? {} : { description: skill.data.shown.description })}
      actions={
        <>
          {skill.data !== undefined && <Acts skill={skill.data} />}
          {LIST}
        </>
      }
    >
      <Answer query={skill} what="Loading the skill">
        {(found) => (
          <>
            <Shown skill={found} />
            <SkillText skill={found} />
            {found.grants !== undefined && <Grants skill={found} grants={found.grants} />}
            {mayGoBack && <Versions skill={found} />}
          </>
        )}
      </Answer>
    </Page>
  )
}

function Acts({ skill }: { readonly skill: Skill }) {
  const { name, enabled } = skill
  const mayChange = useMay('skills.update')
  const [search, change] = useAddress()
  const update = useChange('skills.update')
  const remove = useChange('skills.delete', {
    onDone: () => void navigate({ to: '/skills' }),
  })
  const navigate = useNavigate()
  if (!mayChange) return null
  return (
    <>
      <OnSwitch
        name={name}
        isOn={enabled}
        disabled={false}
        onChange={(isOn) => update.mutateAsync({ name, enabled: isOn })}
      />
      <Button onClick={() => change({ upload: 'yes' }, { isStep: true })}>New version</Button>
      <DeleteButton
        what={`the skill “${name}”`}
        consequence="All its versions and files go, and whoever has it loses it at the next call."
        onDelete={() => remove.mutateAsync({ name })}
      />
      {search['upload'] !== undefined && (
        <UploadDialog
          skill={skill}
          onClose={() => change({ upload: null, version: null }, { isStep: true })}
        />
      )}
    </>
  )
}

function Shown({ skill: { shown } }: { readonly skill: Skill }) {
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-kumo-subtle">
        <span className="font-medium text-kumo-default">Version {shown.version}</span>
        {shown.in_force ? (
          <Badge variant="success">In force</Badge>
        ) : (
          <Badge variant="warning">Not in force</Badge>
        )}
        <span className="as-written">
          {shown.created_by}, <Time at={shown.created_at} />, {formatBytes(shown.size)}
        </span>
      </p>
      <Verdict findings={shown.findings} />
    </div>
  )
}
