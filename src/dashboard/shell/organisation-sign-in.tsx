/**
 * Sign-in through the issuer of one's organisation. The gateway keeps what comes back in a cookie that
 * only its own pages may exchange, once; pages hosted elsewhere send people to the gateway's own.
 */
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useEffect, useState } from 'react'
import { gatewayOrigin, isOwnGateway } from '../client/address.ts'
import { gateway } from '../client/gateway.ts'
import { invitation } from './invitation.ts'

interface Issuer {
  readonly id: string
  readonly name: string
}

/** What the gateway puts behind the address when it sends somebody back from their issuer. */
const HANDED_OVER = '#signed-in'

export function OrganisationSignIn({ onFailure }: { readonly onFailure: (text: string) => void }) {
  const [slug, setSlug] = useState('')
  const [issuers, setIssuers] = useState<readonly Issuer[] | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when somebody comes back
  useEffect(() => {
    if (location.hash !== HANDED_OVER) return
    history.replaceState(null, '', location.pathname)
    takeOver().catch(() => onFailure('The sign-in failed. Begin again.'))
  }, [])
  if (!isOwnGateway())
    return (
      <a className="text-sm text-kumo-link underline" href={gatewayOrigin()}>
        Sign in with your organisation
      </a>
    )
  const look = async (event: FormEvent) => {
    event.preventDefault()
    const answer = await fetch(`/v1/login?tenant=${encodeURIComponent(slug.trim())}`)
    const body = answer.ok ? ((await answer.json()) as { issuers: Issuer[] }) : { issuers: [] }
    setIssuers(body.issuers)
  }
  return (
    <details>
      <summary className="cursor-pointer text-sm text-kumo-link">
        Sign in with your organisation
      </summary>
      <form onSubmit={(event) => void look(event)} className="mt-3 flex flex-col gap-3">
        <Input
          label="Organisation"
          value={slug}
          onChange={({ target }) => setSlug(target.value)}
          description="Its short name at this gateway."
        />
        <Button type="submit" disabled={slug.trim() === ''}>
          Continue
        </Button>
      </form>
      {issuers !== null && (
        <ul className="mt-3 flex flex-col gap-2">
          {issuers.length === 0 && (
            <li className="text-sm text-kumo-subtle">Nobody signs in this way there.</li>
          )}
          {issuers.map(({ id, name }) => (
            <li key={id}>
              <a
                className="as-written text-kumo-link underline"
                href={`/v1/login/${encodeURIComponent(id)}`}
                onClick={(event) => {
                  const token = invitation.get()
                  if (token === null) return
                  event.preventDefault()
                  joinThrough(id, token).catch(() => onFailure('The sign-in failed. Begin again.'))
                }}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}

async function takeOver(): Promise<void> {
  const answer = await fetch('/v1/login/token', { method: 'POST' })
  if (!answer.ok) throw new Error('the sign-in failed')
  const { token } = (await answer.json()) as { readonly token: string }
  await gateway.signIn(token)
}

/** The secret of an invitation goes in a body, never in an address; the gateway says where to go. */
async function joinThrough(issuerId: string, token: string): Promise<void> {
  const answer = await fetch(`/v1/login/${encodeURIComponent(issuerId)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ invitation: token }),
  })
  if (!answer.ok) throw new Error('the sign-in failed')
  const { location: issuer } = (await answer.json()) as { readonly location: string }
  location.assign(issuer)
}
