/** How runs went: the list, or one of them in time. */
import { useParams } from '@tanstack/react-router'
import { TraceList } from './trace-list.tsx'
import { TraceView } from './trace-view.tsx'

export default function TracesPage() {
  const { traceId } = useParams({ strict: false }) as { readonly traceId?: string }
  return traceId === undefined ? <TraceList /> : <TraceView traceId={traceId} key={traceId} />
}
