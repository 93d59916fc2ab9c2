import { Page } from '../../ui/page.tsx'

export default function WorkspacesPage() {
  return <Page title="Workspaces">{null}</Page>
}
