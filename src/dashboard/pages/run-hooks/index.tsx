/** `/run-hooks`: all of them. `/run-hooks/$hook`: one, with a trial and what went wrong. */
import { useParams } from '@tanstack/react-router'
import { HookList } from './hook-list.tsx'
import { HookPage } from './hook-page.tsx'

export default function RunHooksPage() {
  const { hook } = useParams({ strict: false }) as { readonly hook?: string }
  return hook === undefined ? <HookList /> : <HookPage key={hook} id={hook} />
}
