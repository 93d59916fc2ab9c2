/** From an empty gateway to a first answer. It stands on the overview, and in nobody's way. */
import { Button } from '@cloudflare/kumo/components/button'
import { CheckCircleIcon } from '@phosphor-icons/react/CheckCircle'
import { CircleIcon } from '@phosphor-icons/react/Circle'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useHello, useMay } from '../client/use-gateway.ts'
import { useOperation } from '../client/use-operation.ts'
import { Card } from '../ui/page.tsx'
import { firstSteps, type StepName } from './first-steps.ts'

/** Of each tenant: it tells nothing but that somebody has read it. */
const keyOf = (tenantId: string): string => `edgeclaw.first-run.${tenantId}`

interface Words {
  readonly title: string
  readonly note: string
  readonly to: string
  readonly act: string
}

const WORDS: Readonly<Record<StepName, Words>> = {
  model: {
    title: 'Connect a model',
    note: 'Give a provider its key. Until then the built-in demo answers: it repeats what you say and runs real tools.',
    to: '/providers',
    act: 'Add a provider',
  },
  hello: {
    title: 'Say hello',
    note: 'Send a first message and watch the answer come.',
    to: '/chat',
    act: 'Open the chat',
  },
  channel: {
    title: 'Connect a channel',
    note: 'Let people reach an agent from Slack, Telegram, Discord and others.',
    to: '/channels',
    act: 'Connect a channel',
  },
  people: {
    title: 'Invite people',
    note: 'A link lets one person in, with the role that you choose.',
    to: '/people',
    act: 'Invite people',
  },
}

function useSteps() {
  const mayModels = useMay('providers.create')
  const mayChannels = useMay('channels.instances.create')
  const mayInvite = useMay('invitations.create')
  const providers = useOperation('providers.list', {}, { enabled: mayModels })
  const status = useOperation('status', {})
  const channels = useOperation('channels.instances.list', {}, { enabled: mayChannels })
  const invitations = useOperation('invitations.list', { limit: 1 }, { enabled: mayInvite })
  const isKnown =
    status.isFetched &&
    (providers.isFetched || !mayModels) &&
    (channels.isFetched || !mayChannels) &&
    (invitations.isFetched || !mayInvite)
  const steps = firstSteps({
    providers: providers.data?.providers ?? null,
    sessions: status.data?.sessions ?? null,
    channels: channels.data?.instances.length ?? null,
    people: invitations.data?.invitations.length ?? null,
  })
  return isKnown ? steps : []
}

export function FirstRun() {
  const { tenant_id } = useHello()
  const [isAway, setAway] = useState(() => localStorage.getItem(keyOf(tenant_id)) === 'away')
  const steps = useSteps()
  const left = steps.filter(({ isDone }) => !isDone)
  if (left.length === 0) return null
  const put = (away: boolean) => {
    if (away) localStorage.setItem(keyOf(tenant_id), 'away')
    else localStorage.removeItem(keyOf(tenant_id))
    setAway(away)
  }
  if (isAway)
    return (
      <button
        type="button"
        className="w-fit text-sm text-kumo-link underline"
        onClick={() => put(false)}
      >
        First steps: {left.length} left
      </button>
    )
  return (
    <section aria-labelledby="first-steps">
      <Card className="flex flex-col gap-4">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div>
            <h2 id="first-steps" className="text-lg font-semibold">
              First steps
            </h2>
            <p className="text-kumo-subtle">
              {steps.length - left.length} of {steps.length} done. Take them in any order.
            </p>
          </div>
          <Button size="sm" variant="ghost" onClick={() => put(true)}>
            Put away
          </Button>
        </div>
        <ol className="grid gap-x-8 gap-y-4 md:grid-cols-2">
          {steps.map(({ name, isDone }) => (
            <li key={name} className="flex gap-3">
              <StepMark isDone={isDone} />
              <div className="flex min-w-0 flex-col items-start gap-1">
                <h3 className="font-medium">
                  {WORDS[name].title}
                  {isDone && <span className="sr-only"> (done)</span>}
                </h3>
                <p className="text-sm text-kumo-subtle">{WORDS[name].note}</p>
                <Link to={WORDS[name].to} className="text-kumo-link underline">
                  {isDone ? `Look at it` : WORDS[name].act}
                  {isDone && <span className="sr-only">: {WORDS[name].title}</span>}
                </Link>
              </div>
            </li>
          ))}
        </ol>
      </Card>
    </section>
  )
}

function StepMark({ isDone }: { readonly isDone: boolean }) {
  return isDone ? (
    <CheckCircleIcon size={22} weight="fill" aria-hidden className="shrink-0 text-kumo-success" />
  ) : (
    <CircleIcon size={22} aria-hidden className="shrink-0 text-kumo-subtle" />
  )
}
