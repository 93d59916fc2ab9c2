/** The access rows that protocol v3's table of methods knows, by their least role. */
import type { Access } from './operation.ts'

export const VIEWER: Access = { role: 'viewer', scope: 'operator.read' }
export const OPERATOR: Access = { role: 'operator', scope: 'operator.write' }
export const ADMIN: Access = { role: 'admin', scope: 'operator.admin' }
export const OWNER: Access = { role: 'owner', scope: 'operator.admin' }
export const PLATFORM: Access = { role: 'platform', scope: 'operator.admin' }
