import { Page } from '../../ui/page.tsx'

export default function ChannelsPage() {
  return <Page title="Channels">{null}</Page>
}
