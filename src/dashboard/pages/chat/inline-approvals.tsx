/** Questions of this conversation that wait for an answer, where its run waits for them. */
import { lazy, Suspense } from 'react'
import { useOperation } from '../../client/use-operation.ts'

const WaitingCalls = lazy(() => import('./waiting-calls.tsx'))

export function InlineApprovals({ sessionKey }: { readonly sessionKey: string }) {
  const { data } = useOperation('exec.approval.list', { sessionKey })
  const pending = data?.pending ?? []
  if (pending.length === 0) return null
  return (
    <Suspense fallback={null}>
      <WaitingCalls pending={pending} />
    </Suspense>
  )
}
