/** The whole trail as a file of NDJSON, read page by page. */
import { Button } from '@cloudflare/kumo/components/button'
import { DownloadSimpleIcon } from '@phosphor-icons/react/DownloadSimple'
import { useState } from 'react'
import { gateway } from '../../client/gateway.ts'
import { currentVisit } from '../../client/visit.ts'
import { downloadText } from '../../ui/download.ts'
import { useNotify } from '../../ui/notify.ts'
import { formatCount } from '../../ui/numbers.ts'

const PAGE_ROWS = 500

export function AuditExport() {
  const notify = useNotify()
  const [upTo, setUpTo] = useState<number | null>(null)
  const exportAll = async () => {
    setUpTo(0)
    // A trail is one tenant's.
    const visit = currentVisit()
    try {
      const parts: string[] = []
      for (let after: number | null = 0; after !== null; ) {
        const page: { ndjson: string; next: number | null } = await gateway.read(
          'audit.export',
          {
            limit: PAGE_ROWS,
            after,
          },
          visit,
        )
        parts.push(page.ndjson)
        after = page.next
        if (after !== null) setUpTo(after)
      }
      const day = new Date().toISOString().slice(0, 10)
      downloadText(`audit-trail-${day}.ndjson`, 'application/x-ndjson', parts.join(''))
    } catch (error) {
      notify.failed('The trail could not be read', error)
    } finally {
      setUpTo(null)
    }
  }
  return (
    <Button
      size="sm"
      icon={DownloadSimpleIcon}
      loading={upTo !== null}
      onClick={() => void exportAll()}
    >
      {upTo === null || upTo === 0 ? 'Export NDJSON' : `${formatCount(upTo)} records…`}
    </Button>
  )
}
