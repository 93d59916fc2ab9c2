/** The whole HTTP door in this process, as a browser meets it: cookies, redirects, own pages. */
import type { TenantId } from '../../../../src/domain/ids.ts'
import { parseObjectName } from '../../../../src/domain/object-name.ts'
import type { Env } from '../../../../src/gateway/env.ts'
import { TOKEN, type World } from '../world.ts'

export const ORIGIN = 'https://gateway.example'

interface Application {
  fetch(request: Request, env: Env, context: object): Promise<Response>
}
/** By address: its sockets and pages are written against the types of workerd. */
const { app }: { readonly app: Application } = await import(
  new URL('../../../../src/gateway/app.ts', import.meta.url).href
)

export function envOf(world: World): Env {
  let checks: readonly string[] = []
  const platform = {
    keyChecks: async () => checks,
    addKeyCheck: async (known: readonly string[], sealed: string) => {
      checks = [...known, sealed]
      return checks
    },
  }
  const tenants = (name: string) => ({
    ...world.services.tenant((parseObjectName(name)?.[0] ?? '') as TenantId),
    ...platform,
  })
  return {
    DB: world.sqlite.d1,
    BLOBS: {},
    SESSIONS: {},
    CONNECTIONS: {},
    WORKSPACES: {},
    LIMITERS: { getByName: (name: string) => world.services.addressLimiter(name) },
    TENANTS: { getByName: tenants },
    INBOXES: {},
    EDGECLAW_TOKEN: TOKEN,
    EDGECLAW_ENCRYPTION_KEY: 'a1'.repeat(32),
    EDGECLAW_PLATFORM: 'local',
  } as unknown as Env
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Keeps cookies as a browser does, and shows them. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly set: string[] = []
  readonly #env: Env

  constructor(env: Env) {
    this.#env = env
  }

  async ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Response> {
    const url = path.startsWith('http') ? path : `${ORIGIN}${path}`
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const request = new Request(url, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const work: Promise<unknown>[] = []
    const context = {
      waitUntil: (promise: Promise<unknown>) => void work.push(promise),
      passThroughOnException: () => undefined,
      props: {},
    }
    const response = await app.fetch(request, this.#env, context)
    await Promise.all(work)
    for (const text of response.headers.getSetCookie()) {
      this.set.push(text)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      if (/max-age=0/i.test(text)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  /** As the gateway's own page begins it. */
  start(
    issuerId: string,
    headers: Readonly<Record<string, string>> = { origin: ORIGIN },
    body?: unknown,
  ): Promise<Response> {
    return this.ask(`/v1/login/${issuerId}`, { method: 'POST', headers, body })
  }

  /** To the issuer and back: what it says to the callback, not yet taken there. */
  async signIn(issuerId: string): Promise<URL> {
    const started = await this.start(issuerId)
    if (started.status !== 200) throw new Error(`not started: ${started.status}`)
    const { location } = (await started.json()) as { location: string }
    const answer = await fetch(location, { redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? '')
  }

  exchange(headers: Readonly<Record<string, string>> = { origin: ORIGIN }): Promise<Response> {
    return this.ask('/v1/login/token', { method: 'POST', headers })
  }

  /** All the way to the token. */
  async token(issuerId: string): Promise<string> {
    const back = await this.signIn(issuerId)
    const done = await this.ask(back.href)
    if (done.status !== 303) throw new Error(`no sign-in: ${done.status} ${await done.text()}`)
    const answer = (await (await this.exchange()).json()) as { token?: string }
    return answer.token ?? ''
  }
}
