/** The product as `npm start` hosts it: the production bundle on workerd, with a state of its own. */

import { join } from 'node:path'
import { startGateway } from '../../../src/cli/start/gateway.ts'
import { claimPort } from '../../../src/cli/start/port.ts'
import { makeEncryptionKey, makeToken } from '../../../src/cli/start/state.ts'
import { announce, settingsOf } from './settings.ts'

const HOST = '127.0.0.1'
const { dist, dataDir } = settingsOf<{ dist: string; dataDir: string }>()
const port = await claimPort(HOST, 0)
const url = `http://${HOST}:${port}`
const token = makeToken()
const began = performance.now()
const gateway = await startGateway({
  dist,
  dataDir,
  tempDir: join(dataDir, 'tmp'),
  workerdEnv: {},
  host: HOST,
  port,
  bindings: {
    EDGECLAW_PLATFORM: 'local',
    EDGECLAW_PUBLIC_URL: url,
    EDGECLAW_ENCRYPTION_KEY: makeEncryptionKey(),
    EDGECLAW_TOKEN: token,
  },
  onLog: ({ level, message }) => {
    if (level === 'error' || level === 'warn') process.stderr.write(`${message}\n`)
  },
  onWorkerPid: () => undefined,
})
announce({ url, token, readyMs: performance.now() - began }, () => gateway.stop())
