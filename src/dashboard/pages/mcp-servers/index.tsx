/** `/mcp-servers`: all of them. `/mcp-servers/$server`: one, with what it has. */
import { useParams } from '@tanstack/react-router'
import { ServerList } from './server-list.tsx'
import { ServerPage } from './server-page.tsx'

export default function McpServersPage() {
  const { server } = useParams({ strict: false }) as { readonly server?: string }
  return server === undefined ? <ServerList /> : <ServerPage key={server} id={server} />
}
