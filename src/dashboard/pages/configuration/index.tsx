import { Page } from '../../ui/page.tsx'

export default function ConfigurationPage() {
  return <Page title="Configuration">{null}</Page>
}
