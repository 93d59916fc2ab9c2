/**
 * OAuth, for a server that wants a sign-in: the address to open, and the code that the gateway's page
 * shows there. The page takes nothing by itself: whoever began ends it here.
 */
import { Button } from '@cloudflare/kumo/components/button'
import { type FormEvent, useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { TextField, textIn } from '../../ui/fields.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Alarm, NotDone } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import type { Server } from './server.ts'
import { webAddress } from './web-address.ts'

export function SignIn({ server: { id, authorization } }: { readonly server: Server }) {
  const maySign = useMay('mcp.servers.authorize')
  const begin = useChange('mcp.servers.authorize')
  const [isDone, setDone] = useState(false)
  if (!maySign) return null
  return (
    <Section title="Sign-in">
      <Card className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <Button
            loading={begin.isPending}
            onClick={() => {
              setDone(false)
              begin.mutate({ id })
            }}
          >
            {authorization === '' ? 'Sign in to the server' : 'Sign in anew'}
          </Button>
          <p className="min-w-0 flex-1 basis-60 text-sm text-kumo-subtle">
            Only for servers that want one. You sign in on their own page; the gateway keeps the
            tokens sealed, and never sees your password.
          </p>
        </div>
        <NotDone error={begin.error} />
        {begin.data !== undefined && !isDone && (
          <Finish
            key={begin.data.authorization_url}
            id={id}
            address={begin.data.authorization_url}
            redirectUri={begin.data.redirect_uri}
            expiresAt={begin.data.expires_at}
            onDone={() => setDone(true)}
          />
        )}
      </Card>
    </Section>
  )
}

interface FinishProps {
  readonly id: string
  readonly address: string
  readonly redirectUri: string
  readonly expiresAt: string
  readonly onDone: () => void
}

function Finish({ id, address, redirectUri, expiresAt, onDone }: FinishProps) {
  const notify = useNotify()
  const end = useChange('mcp.servers.authorized', {
    onDone: () => {
      notify.done('You are signed in. Test the connection next.')
      onDone()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    end.mutate({ id, code: textIn(new FormData(event.currentTarget), 'code') ?? '' })
  }
  const href = webAddress(address)
  if (href === null) return <Alarm>The server names a page that no browser should open.</Alarm>
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 border-t border-kumo-hairline pt-3">
      <ol className="flex list-decimal flex-col gap-2 pl-5">
        <li>
          <a
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            className="as-written text-kumo-link underline"
          >
            Open the sign-in of {new URL(href).host}
          </a>
          <span className="text-sm text-kumo-subtle">
            {' '}
            Valid until <Time at={expiresAt} style="exact" />.
          </span>
        </li>
        <li>
          A client that you register by hand is told this address for answers:{' '}
          <code className="as-written font-mono text-xs">{redirectUri}</code>{' '}
          <CopyButton text={redirectUri} />
        </li>
        <li>Then write the code that the last page shows.</li>
      </ol>
      <TextField name="code" label="Code" isRequired />
      <NotDone error={end.error} />
      <div>
        <Button type="submit" variant="primary" loading={end.isPending}>
          Finish the sign-in
        </Button>
      </div>
    </form>
  )
}
