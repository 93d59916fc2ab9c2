/** The wizard: platform, what to do there, credentials, and what to do there afterwards. */
import { Button } from '@cloudflare/kumo/components/button'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { CredentialsForm } from './credentials-form.tsx'
import { addressOf, PLATFORMS, type Platform, platformOf } from './platforms.ts'
import { Steps } from './steps.tsx'

type Made = ResultOf<'channels.instances.create'>

export interface ConnectChannelProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function ConnectChannel({ isOpen, onClose }: ConnectChannelProps) {
  const [platform, setPlatform] = useState<Platform | null>(null)
  const [made, setMade] = useState<Made | null>(null)
  const [hook, setHook] = useState<string | null>(null)
  const close = () => {
    setPlatform(null)
    setMade(null)
    onClose()
  }
  const title =
    made !== null
      ? `“${made.display_name || made.name}” is connected`
      : platform === null
        ? 'Connect a channel'
        : `Connect ${platform.title}`
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Dialog size="lg" className="max-h-[90vh] overflow-auto p-6">
        <Dialog.Title className="as-written text-lg font-semibold">{title}</Dialog.Title>
        <div className="mt-4">
          {made !== null ? (
            <AfterSteps made={made} hook={hook} onClose={close} />
          ) : platform === null ? (
            <PlatformPicker onPick={setPlatform} />
          ) : (
            <CredentialsForm
              platform={platform}
              onBack={() => setPlatform(null)}
              onMade={(connected, firstHook) => {
                setHook(firstHook)
                setMade(connected)
              }}
            />
          )}
        </div>
      </Dialog>
    </Dialog.Root>
  )
}

function PlatformPicker({ onPick }: { readonly onPick: (platform: Platform) => void }) {
  return (
    <ul className="flex flex-col gap-2">
      {PLATFORMS.map((platform) => (
        <li key={platform.type}>
          <button
            type="button"
            onClick={() => onPick(platform)}
            className="w-full rounded-lg p-3 text-left ring ring-kumo-line hover:bg-kumo-tint"
          >
            <span className="block font-medium">{platform.title}</span>
            <span className="block text-kumo-subtle">{platform.says}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

interface AfterStepsProps {
  readonly made: Made
  readonly hook: string | null
  readonly onClose: () => void
}

function AfterSteps({ made, hook, onClose }: AfterStepsProps) {
  const steps = platformOf(made.channel_type)?.after ?? []
  const address = addressOf(made.webhook_url, hook)
  return (
    <div className="flex flex-col gap-4">
      <Steps steps={steps.map((step) => step.replace('{address}', address))} />
      {steps.some((step) => step.includes('{address}')) && (
        <p className="flex items-center gap-2">
          <code className="as-written min-w-0 select-all">{address}</code>
          <CopyButton text={address} />
        </p>
      )}
      {hook === null && (
        <p>
          Then write to it. Whoever it does not know is shown a code, and waits for you under
          pairing requests.
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Link
          to="/channels/$channel"
          params={{ channel: made.id }}
          onClick={onClose}
          className="self-center text-kumo-link underline"
        >
          Test and settings
        </Link>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}
