/** `/agents`: all of them. `/agents/$agent`: one, in tabs. */
import { useParams } from '@tanstack/react-router'
import { AgentList } from './agent-list.tsx'
import { AgentPage } from './agent-page.tsx'

export default function AgentsPage() {
  const { agent } = useParams({ strict: false }) as { readonly agent?: string }
  return agent === undefined ? <AgentList /> : <AgentPage key={agent} agent={agent} />
}
