/** An address at which there is nothing. */
import { Empty } from '@cloudflare/kumo/components/empty'
import { Link } from '@tanstack/react-router'
import { Page } from '../ui/page.tsx'

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty
        title="There is no page at this address"
        contents={
          <Link to="/" className="text-kumo-link underline">
            To the overview
          </Link>
        }
      />
    </Page>
  )
}
