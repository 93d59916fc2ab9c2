/** The tenant of the first start: the platform's operator acts in it, and it is never deleted. */
import { type TenantId, tenantIdSchema } from './ids.ts'

export const PLATFORM_TENANT: TenantId = tenantIdSchema.parse('ten_default')
