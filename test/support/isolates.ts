/** Talks to one isolate of several over plain HTTP, as the platform's operator unless told otherwise. */
import { expect } from 'vitest'
import { TOKEN } from './bundle-host.ts'

export interface Reply {
  readonly status: number
  readonly body: Record<string, unknown>
}

export async function call(
  base: string,
  path: string,
  { token = TOKEN, method = 'GET', body }: { token?: string; method?: string; body?: unknown } = {},
): Promise<Reply> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

export async function makeKey(
  base: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly key: string }> {
  const made = await call(base, '/v1/api-keys', {
    method: 'POST',
    body: {
      name,
      scopes: ['operator.write', 'operator.read'],
      owner_id: `user-${name}`,
      ...more,
    },
  })
  expect(made.status).toBe(201)
  return made.body as { id: string; key: string }
}

export const configure = async (base: string, raw: unknown): Promise<void> => {
  expect((await call(base, '/v1/config', { method: 'PATCH', body: { raw } })).status).toBe(200)
}

/** Wrong keys count as guesses: a locked-out address is told so instead. */
export const areRefused = (statuses: readonly number[]): boolean =>
  statuses.length === 2 && statuses.every((status) => [401, 403, 429].includes(status))
