/** What was consumed, by whom and of what; and how much is left of the budgets. */
import { useOperation } from '../../client/use-operation.ts'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Budgets } from './budgets.tsx'
import { Consumption } from './consumption.tsx'
import { Totals } from './totals.tsx'

export default function UsagePage() {
  const summary = useOperation('usage.summary', {})
  return (
    <Page
      title="Usage"
      description={
        summary.data?.scope === 'own'
          ? 'Requests, tokens and money of your own. Days are counted in UTC.'
          : 'Requests, tokens and money of everybody in this tenant. Days are counted in UTC.'
      }
    >
      <Answer query={summary} what="Adding up">
        {({ today, month, by_model }) => <Totals today={today} month={month} models={by_model} />}
      </Answer>
      <Budgets />
      <Consumption />
    </Page>
  )
}
