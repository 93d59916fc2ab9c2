/**
 * Sign-in through the issuer of one's organisation. The gateway keeps what comes back in a cookie that
 * only its own pages may exchange, once; pages hosted elsewhere send people to the gateway's own.
 */
import { Button } from '@cloudflare/kumo/components/button'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useEffect, useState } from 'react'
import { gatewayOrigin, isOwnGateway } from '../client/address.ts'
import { ContinueAs } from './continue-as.tsx'
import { invitation } from './invitation.ts'
import {
  beginSignIn,
  FAILED,
  type HandedOver,
  type Issuer,
  isComingBack,
  issuersOf,
  takeHandedOver,
} from './organisation.ts'

export function OrganisationSignIn({ onFailure }: { readonly onFailure: (text: string) => void }) {
  const [slug, setSlug] = useState('')
  const [issuers, setIssuers] = useState<readonly Issuer[] | null>(null)
  const [handedOver, setHandedOver] = useState<HandedOver | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when somebody comes back
  useEffect(() => {
    if (isComingBack()) takeHandedOver().then(setHandedOver, () => onFailure(FAILED))
  }, [])
  if (!isOwnGateway())
    return (
      <a className="text-sm text-kumo-link underline" href={gatewayOrigin()}>
        Sign in with your organisation
      </a>
    )
  if (handedOver !== null)
    return (
      <ContinueAs
        handedOver={handedOver}
        onEnd={(failure) => {
          setHandedOver(null)
          if (failure !== null) onFailure(failure)
        }}
      />
    )
  const look = (event: FormEvent) => {
    event.preventDefault()
    issuersOf(slug.trim()).then(setIssuers, () => onFailure(FAILED))
  }
  return (
    <details open={invitation.get() !== null}>
      <summary className="cursor-pointer text-sm text-kumo-link">
        Sign in with your organisation
      </summary>
      <form onSubmit={look} className="mt-3 flex flex-col gap-3">
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
              <Button
                variant="outline"
                className="as-written"
                onClick={() =>
                  void beginSignIn(id, invitation.get()).then(
                    (issuer) => location.assign(issuer),
                    () => onFailure(FAILED),
                  )
                }
              >
                {name}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}
