/** Members, invitations and issuers of this tenant; for the platform's operator all tenants. */
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Page, Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer } from '../../ui/states.tsx'
import { Invitations } from './invitations.tsx'
import { Issuers } from './issuers.tsx'
import { Members } from './members.tsx'
import { Tenants } from './tenants.tsx'

export default function PeoplePage() {
  const hello = useHello()
  const seesMembers = useMay('tenants.users.list')
  const seesInvitations = useMay('invitations.list')
  const seesIssuers = useMay('issuers.list')
  const seesTenants = useMay('tenants.list')
  return (
    <Page
      title="People and tenants"
      description={`Who belongs to ${hello.tenant_name}, and what each may do.`}
    >
      {seesMembers && <Members />}
      {seesInvitations && <Invitations />}
      {seesIssuers && <Issuers />}
      {seesTenants ? <Tenants /> : <OwnTenants />}
    </Page>
  )
}

function OwnTenants() {
  const mine = useOperation('tenants.mine', {})
  return (
    <Section title="Your tenants">
      <Answer query={mine}>
        {({ tenants }) => (
          <SimpleTable
            label="Your tenants"
            rows={tenants}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Name', cell: ({ name }) => <span className="as-written">{name}</span> },
              { title: 'Short name', cell: ({ slug }) => <code>{slug}</code> },
              { title: 'Your role', cell: ({ role }) => role },
              { title: 'State', cell: ({ status }) => status },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
