/** Looks at another tenant, or at one's own again (null), with the same credential; where that fails, one stays and is told why. */
import { gateway } from '../client/gateway.ts'
import { useNotify } from '../ui/notify.ts'

export function useOpenTenant(): (tenantId: string | null) => void {
  const notify = useNotify()
  return (tenantId) => {
    gateway
      .switchTenant(tenantId)
      .catch((error: unknown) => notify.failed('The tenant could not be opened', error))
  }
}
