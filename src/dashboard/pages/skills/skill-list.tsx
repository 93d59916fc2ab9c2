/** The skills of the tenant; for whoever is no admin, those that an agent may load for them. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { UploadSimpleIcon } from '@phosphor-icons/react/UploadSimple'
import { Link } from '@tanstack/react-router'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { type Column, DataList } from '../../ui/data-list.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { UploadDialog } from './upload-dialog.tsx'

type Row = ResultOf<'skills.list'>['skills'][number]

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'Skill',
    width: 'minmax(8rem,1fr)',
    cell: ({ name }) => (
      <Link
        to="/skills/$skill"
        params={{ skill: name }}
        className="font-medium text-kumo-link hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    title: 'What it is for',
    width: 'minmax(12rem,3fr)',
    isSecondary: true,
    cell: ({ description }) => <span title={description}>{description}</span>,
  },
  { title: 'Version', width: '5rem', cell: ({ version }) => version },
  {
    title: 'State',
    width: '5rem',
    cell: ({ enabled }) => (
      <Badge variant={enabled ? 'success' : 'neutral'}>{enabled ? 'on' : 'off'}</Badge>
    ),
  },
]

export function SkillList() {
  const skills = useOperation('skills.list', {})
  const [search, change] = useAddress()
  const mayCreate = useMay('skills.create')
  const upload = mayCreate ? (
    <Button
      variant="primary"
      icon={UploadSimpleIcon}
      onClick={() => change({ upload: 'yes' }, { isStep: true })}
    >
      Upload skill
    </Button>
  ) : undefined
  return (
    <Page
      title="Skills"
      description="Instructions for particular tasks, which agents load when they need them. A skill gives no tool and no right."
      actions={upload}
    >
      <Answer
        query={skills}
        what="Loading skills"
        empty={({ skills: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No skill yet"
              description={
                mayCreate
                  ? 'Upload a folder with a SKILL.md, then say which agents have it.'
                  : 'An admin says which skills an agent loads for you.'
              }
              action={upload}
            />
          )
        }
      >
        {({ skills: rows }) => (
          <DataList label="Skills" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
        )}
      </Answer>
      {mayCreate && search['upload'] !== undefined && (
        <UploadDialog skill={null} onClose={() => change({ upload: null }, { isStep: true })} />
      )}
    </Page>
  )
}
