/** Commands that were allowed for always: what they are, by whom, until when; each can be taken back. */
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { type StandingApproval, standingOf } from './approval.ts'

export function Standing() {
  const standing = useOperation('exec.approval.standing.list', {})
  return (
    <Section title="Always allowed">
      <Answer
        query={standing}
        what="Reading what is always allowed"
        empty={({ standing: all }) =>
          all.length === 0 ? (
            <Nothing
              title="Nothing is always allowed"
              description="“Always allow” on a waiting command puts it here."
            />
          ) : null
        }
      >
        {({ standing: all }) => (
          <ul className="flex flex-col divide-y divide-kumo-hairline rounded-lg bg-kumo-base ring ring-kumo-line">
            {all.map(standingOf).map((each) => (
              <StandingRow key={each.id} standing={each} />
            ))}
          </ul>
        )}
      </Answer>
    </Section>
  )
}

function StandingRow({ standing }: { readonly standing: StandingApproval }) {
  const { id, argv, agent, cwd, createdBy, createdAt, expiresAt } = standing
  const confirm = useConfirm()
  const notify = useNotify()
  const mayRevoke = useMay('exec.approval.standing.revoke')
  const revoke = useChange('exec.approval.standing.revoke')
  const ask = async () => {
    const isSure = await confirm({
      title: 'Revoke this standing approval?',
      consequence: `${argv.join(' ')}\n\nThe next time “${agent}” wants to run it, somebody is asked again.`,
      act: 'Revoke',
    })
    if (!isSure) return
    revoke.mutate(
      { id },
      {
        onSuccess: () => notify.done('Revoked: the next call asks again'),
        onError: (error) => notify.failed('It was not revoked', error),
      },
    )
  }
  return (
    <li className="flex flex-wrap items-center gap-3 p-3">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1">
        <span className="flex flex-wrap gap-1">
          {argv.map((word, index) => (
            <code
              // biome-ignore lint/suspicious/noArrayIndexKey: words of one command have no other name
              key={index}
              className="as-written rounded bg-kumo-tint px-1.5 font-mono text-[0.8125rem]"
            >
              {word}
            </code>
          ))}
        </span>
        <span className="as-written text-sm text-kumo-subtle">
          {agent}
          {cwd !== '' && ` in ${cwd}`} · by {createdBy}, <Time at={createdAt} /> · ends{' '}
          <Time at={expiresAt} />
        </span>
      </div>
      {mayRevoke && (
        <Button size="sm" loading={revoke.isPending} onClick={() => void ask()}>
          Revoke
        </Button>
      )}
    </li>
  )
}
