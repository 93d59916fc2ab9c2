import { Page } from '../../ui/page.tsx'

export default function SecurityPage() {
  return <Page title="Security">{null}</Page>
}
