/** Signed out: the sign-in. Signed in: the pages. */
import { Toasty } from '@cloudflare/kumo/components/toast'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { followEvents } from './client/live.ts'
import { useConnection } from './client/use-gateway.ts'
import { newQueryClient } from './client/use-operation.ts'
import { router } from './router.tsx'
import { invitation } from './shell/invitation.ts'
import { SignIn } from './shell/sign-in.tsx'
import { ConfirmProvider } from './ui/confirm.tsx'
import { FullPageLoading } from './ui/states.tsx'

const JoinPrompt = lazy(() => import('./shell/join-prompt.tsx'))

export function App() {
  const connection = useConnection()
  return (
    <Toasty>
      {connection.kind === 'signed_out' ? (
        <SignIn because={connection.because} />
      ) : 'hello' in connection && connection.hello !== null ? (
        <SignedIn key={`${connection.hello.tenant_id}/${connection.hello.user_id}`} />
      ) : (
        <FullPageLoading what="Connecting to the gateway" />
      )}
    </Toasty>
  )
}

/** One person in one tenant: with another of either nothing that was shown before is left. */
function SignedIn() {
  const [queries] = useState(newQueryClient)
  useEffect(() => followEvents(queries), [queries])
  return (
    <QueryClientProvider client={queries}>
      <ConfirmProvider>
        <RouterProvider router={router} />
        {invitation.get() !== null && (
          <Suspense fallback={null}>
            <JoinPrompt />
          </Suspense>
        )}
      </ConfirmProvider>
    </QueryClientProvider>
  )
}
