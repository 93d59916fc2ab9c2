/** What the security audit finds, the gravest first, with what to do about it. */
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { LevelMark } from '../../ui/level.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { bySeverity, mayBeSuppressed } from './finding-rules.ts'
import { FixDialog } from './fix-dialog.tsx'
import { SuppressDialog } from './suppress-dialog.tsx'
import { Suppressed } from './suppressed.tsx'

type Finding = ResultOf<'security.audit'>['findings'][number]

export function Findings() {
  const [isDeep, setDeep] = useState(false)
  const audit = useOperation('security.audit', isDeep ? { deep: true } : {}, {
    keepsPrevious: true,
  })
  const [isFixing, setFixing] = useState(false)
  const [suppressing, setSuppressing] = useState<Finding | null>(null)
  const mayFix = useMay('security.audit')
  const fixable = audit.data?.findings.filter(({ autoFix }) => autoFix) ?? []
  return (
    <>
      <Section
        title="Findings"
        actions={
          <span className="flex flex-wrap items-center gap-3">
            <label className="flex items-center gap-2 text-sm">
              <input
                type="checkbox"
                checked={isDeep}
                onChange={({ target }) => setDeep(target.checked)}
              />
              Probe the runners too
            </label>
            <Button size="sm" loading={audit.isFetching} onClick={() => void audit.refetch()}>
              Look again
            </Button>
            {fixable.length > 0 && mayFix && (
              <Button size="sm" variant="primary" onClick={() => setFixing(true)}>
                Fix what can be fixed…
              </Button>
            )}
          </span>
        }
      >
        <Answer query={audit} what="Looking for what is unsafe">
          {({ findings, summary, ts, deep }) => (
            <>
              <p className="text-sm text-kumo-subtle" role="status">
                {summary.critical} critical, {summary.warn} warnings, {summary.info} to know. Looked{' '}
                <Time at={ts} />
                {deep === undefined
                  ? '.'
                  : `; probed ${deep.probed.length === 0 ? 'nothing: there are no runners' : deep.probed.join(', ')}.`}
              </p>
              {findings.length === 0 && <Nothing title="Nothing was found" />}
              <ul className="flex flex-col gap-3">
                {bySeverity(findings).map((finding) => (
                  <li key={`${finding.checkId} ${finding.detail}`}>
                    <FindingCard
                      finding={finding}
                      onFix={() => setFixing(true)}
                      onSuppress={() => setSuppressing(finding)}
                    />
                  </li>
                ))}
              </ul>
            </>
          )}
        </Answer>
      </Section>
      <Suppressed active={audit.data?.suppressed ?? []} />
      {isFixing && <FixDialog findings={fixable} onClose={() => setFixing(false)} />}
      {suppressing !== null && (
        <SuppressDialog
          checkId={suppressing.checkId}
          title={suppressing.title}
          onClose={() => setSuppressing(null)}
        />
      )}
    </>
  )
}

interface CardProps {
  readonly finding: Finding
  readonly onFix: () => void
  readonly onSuppress: () => void
}

function FindingCard({ finding, onFix, onSuppress }: CardProps) {
  const { checkId, severity, title, detail, remediation, autoFix } = finding
  const maySuppress = useMay('security.audit.suppress')
  return (
    <Card className="flex flex-col gap-2">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 flex-col gap-1">
          <h3 className="flex flex-wrap items-center gap-x-3 font-medium">
            <LevelMark level={severity} />
            <span className="as-written">{title}</span>
          </h3>
          <p className="as-written text-kumo-default">{detail}</p>
          <p className="as-written text-kumo-default">
            <span className="font-medium">What to do: </span>
            {remediation}
          </p>
          <p className="font-mono text-xs text-kumo-subtle">{checkId}</p>
        </div>
        <span className="flex gap-2">
          {autoFix && (
            <Button size="sm" variant="primary" onClick={onFix} aria-label={`Fix: ${title}`}>
              Fix…
            </Button>
          )}
          {maySuppress && mayBeSuppressed(checkId) && (
            <Button size="sm" onClick={onSuppress} aria-label={`Suppress: ${title}`}>
              Suppress…
            </Button>
          )}
        </span>
      </div>
    </Card>
  )
}
