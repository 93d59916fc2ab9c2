/** What is set up unsafely, what the gates saw, what was changed by whom; and the way to stop it all. */
import { Page } from '../../ui/page.tsx'
import { TabLinks } from '../../ui/tab-links.tsx'
import { oneOf, useAddress } from '../../ui/use-address.ts'
import { AuditTrail } from './audit-trail.tsx'
import { EmergencyStop } from './emergency-stop.tsx'
import { Events } from './events.tsx'
import { Findings } from './findings.tsx'

const TABS = [
  { value: 'findings', label: 'Findings' },
  { value: 'events', label: 'Events' },
  { value: 'audit', label: 'Audit trail' },
  { value: 'stop', label: 'Emergency stop' },
] as const

export default function SecurityPage() {
  const [address] = useAddress()
  const tab = oneOf(address['tab'], ['findings', 'events', 'audit', 'stop'])
  return (
    <Page title="Security">
      <TabLinks label="Parts of security" name="tab" value={tab} tabs={TABS} />
      {tab === 'findings' && <Findings />}
      {tab === 'events' && <Events />}
      {tab === 'audit' && <AuditTrail />}
      {tab === 'stop' && <EmergencyStop />}
    </Page>
  )
}
