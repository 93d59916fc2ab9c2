import { Page } from '../../ui/page.tsx'

export default function ChatPage() {
  return <Page title="Chat">{null}</Page>
}
