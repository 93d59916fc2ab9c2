/** Walks the trail and says whether it is whole. */
import { Button } from '@cloudflare/kumo/components/button'
import { CheckCircleIcon } from '@phosphor-icons/react/CheckCircle'
import { WarningOctagonIcon } from '@phosphor-icons/react/WarningOctagon'
import type { ResultOf } from '../../client/gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { formatCount } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { faultWords } from './faults.ts'

export function AuditProof() {
  const proof = useOperation('audit.verify', {}, { enabled: false })
  return (
    <Card className="flex flex-wrap items-center justify-between gap-3">
      <div role="status" className="min-w-0 flex-1">
        {proof.data === undefined ? (
          <p className="text-kumo-subtle">
            Each record vouches for those before it. Verify, to see whether one was altered or is
            missing.
          </p>
        ) : (
          <Proven proof={proof.data} at={proof.dataUpdatedAt} />
        )}
        {proof.error !== null && (
          <Failure error={proof.error} onRetry={() => void proof.refetch()} />
        )}
      </div>
      <Button loading={proof.isFetching} onClick={() => void proof.refetch()}>
        Verify
      </Button>
    </Card>
  )
}

interface ProvenProps {
  readonly proof: ResultOf<'audit.verify'>
  readonly at: number
}

function Proven({ proof, at }: ProvenProps) {
  const { ok, checked, unverified, head, checkpoint, firstBroken } = proof
  const Icon = ok ? CheckCircleIcon : WarningOctagonIcon
  return (
    <div className="flex items-start gap-2">
      <Icon
        size={22}
        weight="fill"
        aria-hidden
        className={`mt-0.5 shrink-0 ${ok ? 'text-kumo-success' : 'text-kumo-danger'}`}
      />
      <div>
        <p className={`font-medium ${ok ? 'text-kumo-success' : 'text-kumo-danger'}`}>
          {ok
            ? 'The trail is whole'
            : firstBroken === null
              ? 'The trail is not whole'
              : `The trail is broken at record ${firstBroken.sequence}: ${faultWords(firstBroken.fault)}`}
        </p>
        <p className="text-sm text-kumo-subtle">
          {formatCount(checked)} records checked, from {checkpoint} to {head}
          {unverified > 0 &&
            `; ${formatCount(unverified)} linked, but made under a key that is gone`}
          . Verified <Time at={at} />.
        </p>
      </div>
    </div>
  )
}
