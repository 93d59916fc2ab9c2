/**
 * Whether the tests that need a Docker engine can run here. Without one they are skipped and say
 * why; under CI or REQUIRE_ALL=1 they fail instead, so that nobody takes silence for proof.
 */
import { findEngine } from '../../src/cli/start/engine.ts'
import { DEFAULT_SANDBOX_IMAGE } from '../../src/cli/start/options.ts'

export const isAllRequired = (env: NodeJS.ProcessEnv = process.env): boolean =>
  Boolean(env['CI']) || env['REQUIRE_ALL'] === '1'

/** Null: an engine with the sandbox's image answers. */
async function findReason(): Promise<string | null> {
  const search = await findEngine(process.env)
  if (search.kind === 'missing') return search.reason
  const image = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE
  return (await search.engine.hasImage(image))
    ? null
    : `the engine has no image ${image}: run sandbox-runner/image/build`
}

/** @throws when an engine is missing although everything is required */
export async function missingDocker(what: string): Promise<string | null> {
  const reason = await findReason()
  if (reason === null) return null
  if (isAllRequired()) throw new Error(`${what}: ${reason}, but everything is required`)
  console.warn(`skipped: ${what}: ${reason}`)
  return reason
}
