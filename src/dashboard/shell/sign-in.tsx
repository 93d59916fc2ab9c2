/** The ways in: a token, the issuer of an organisation, or the approval of an admin. */
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useState } from 'react'
import { gateway } from '../client/gateway.ts'
import { inPlainWords } from '../client/refusal.ts'
import { Alarm } from '../ui/states.tsx'
import { invitation } from './invitation.ts'
import { OrganisationSignIn } from './organisation-sign-in.tsx'
import { PairingSignIn } from './pairing-sign-in.tsx'

export function SignIn({ because }: { readonly because: string | null }) {
  const [token, setToken] = useState('')
  const [failure, setFailure] = useState(because)
  const [isBusy, setBusy] = useState(false)
  const signIn = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await gateway.signIn(token.trim())
    } catch (error) {
      setFailure(inPlainWords(error))
      setBusy(false)
    }
  }
  return (
    <main className="grid min-h-full place-items-center p-4">
      <div className="flex w-full max-w-sm flex-col gap-6 rounded-xl bg-kumo-base p-6 ring ring-kumo-line">
        <div className="flex items-center gap-3">
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <h1 className="text-xl font-semibold">EdgeClaw</h1>
            <p className="text-sm text-kumo-subtle">Sign in to your gateway</p>
          </div>
        </div>
        {invitation.get() !== null && (
          <p role="status" className="rounded-md bg-kumo-info-tint p-3 text-sm">
            You are invited. Sign in as yourself to join: with your organisation. A key cannot join.
          </p>
        )}
        {failure !== null && <Alarm>{failure}</Alarm>}
        <form onSubmit={(event) => void signIn(event)} className="flex flex-col gap-4">
          <Input
            label="Token"
            type="password"
            autoComplete="current-password"
            value={token}
            onChange={({ target }) => setToken(target.value)}
            description="An API key, or the gateway token that npm start printed."
          />
          <Button type="submit" variant="primary" loading={isBusy} disabled={token.trim() === ''}>
            Sign in
          </Button>
        </form>
        <OrganisationSignIn onFailure={setFailure} />
        <PairingSignIn onFailure={setFailure} />
      </div>
    </main>
  )
}
