/** MCP servers: the same ids stand next door. */
import type { McpServer } from '../../../../src/domain/mcp.ts'
import type { CasesOf } from './cases.ts'
import { NOW } from './world.ts'

/** As it might have been read next door: the tenant is what the caller says, not what it carries. */
const server = (id: string, name: string): McpServer & { readonly tenantId: string } => ({
  tenantId: 'ten_a',
  id,
  name,
  displayName: '',
  transport: 'streamable-http',
  url: 'https://mcp.example/mcp',
  sealedHeaders: 'aes-gcm:new',
  sealedAuthorization: null,
  timeoutSeconds: 60,
  tools: [],
  protocolVersion: null,
  checkedAt: null,
  allowedAgents: [],
  allowPrivateNetwork: false,
  enabled: true,
  revision: 1,
})

export const MCP_CASES: CasesOf<typeof import('../../../../src/db/mcp-servers.ts')> = {
  selectMcpServers: [(m, db, t) => m.selectMcpServers(db, t)],
  findMcpServer: [
    (m, db, t) => m.findMcpServer(db, t, 'mcp_1'),
    (m, db, t) => m.findMcpServer(db, t, 'mcp_9'),
  ],
  createMcpServer: [(m, db, t) => m.createMcpServer(db, t, server('mcp_8', 'elsewhere'), NOW)],
  updateMcpServer: [
    (m, db, t) => m.updateMcpServer(db, t, server('mcp_1', 'files'), { enabled: false }, NOW),
    (m, db, t) => m.updateMcpServer(db, t, server('mcp_9', 'elsewhere'), { tools: [] }, NOW),
    (m, db, t) =>
      m.updateMcpServer(
        db,
        t,
        server('mcp_1', 'files'),
        { ...server('mcp_9', 'moved'), url: 'https://other.example' },
        NOW,
      ),
  ],
  deleteMcpServer: [
    (m, db, t) => m.deleteMcpServer(db, t, 'mcp_1'),
    (m, db, t) => m.deleteMcpServer(db, t, 'mcp_9'),
  ],
}
