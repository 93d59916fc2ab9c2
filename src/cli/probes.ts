/**
 * What a stranger would try first, asked from outside: the questions, and what their answers mean. The
 * judgement is pure; whatever is no clear refusal counts against the gateway.
 */
export type ProbeId =
  | 'outside.no_credential'
  | 'outside.unknown_path'
  | 'outside.made_up_key'
  | 'outside.foreign_origin_socket'
  | 'outside.foreign_origin_read'
  | 'outside.oversize_body'
  | 'outside.health_tells'
  | 'outside.foreign_key'

export interface ProbeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface ProbeFinding {
  readonly checkId: ProbeId
  readonly severity: 'ok' | 'info' | 'warn' | 'critical'
  readonly title: string
  readonly detail: string
  readonly remediation: string
}

export interface Probe {
  readonly id: ProbeId
  readonly title: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The caller's own credential, one that nobody made, the foreign one, or none. */
  readonly credential: 'own' | 'made-up' | 'foreign' | null
  readonly headers?: Readonly<Record<string, string>>
  readonly bodyChars?: number
}

/** Reserved for examples that resolve nowhere: no page of the world is served from it. */
export const FOREIGN_ORIGIN = 'https://edgeclaw-probe.invalid'
/** Over the limit of a JSON body (1 MB), by less than anybody pays for. */
const OVERSIZE_CHARS = 1_200_000

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'ZWRnZWNsYXctcHJvYmUtMQ==',
  origin: FOREIGN_ORIGIN,
}

export function probesFor(tenantId: string, hasForeignKey: boolean): readonly Probe[] {
  const users = `/v1/tenants/${encodeURIComponent(tenantId)}/users`
  const read = (
    id: ProbeId,
    title: string,
    path: string,
    credential: Probe['credential'],
  ): Probe => ({
    id,
    title,
    method: 'GET',
    path,
    credential,
  })
  return [
    read('outside.no_credential', 'without a credential nothing is told', '/v1/agents', null),
    read(
      'outside.unknown_path',
      'an unknown path tells nothing either',
      '/v1/edgeclaw-probe',
      null,
    ),
    read('outside.made_up_key', 'a made-up key opens nothing', '/v1/agents', 'made-up'),
    {
      ...read('outside.foreign_origin_socket', 'a foreign page opens no socket', '/ws', null),
      headers: UPGRADE,
    },
    {
      ...read('outside.foreign_origin_read', 'a foreign page reads nothing', '/v1/agents', 'own'),
      headers: { origin: FOREIGN_ORIGIN },
    },
    {
      id: 'outside.oversize_body',
      title: 'an oversize body is not read',
      method: 'POST',
      path: '/v1/tools/invoke',
      credential: 'own',
      headers: { 'content-type': 'application/json' },
      bodyChars: OVERSIZE_CHARS,
    },
    read('outside.health_tells', 'health tells no more than that', '/health', null),
    ...(hasForeignKey
      ? [read('outside.foreign_key', "another tenant's key reaches nothing", users, 'foreign')]
      : []),
  ]
}

interface Fault {
  readonly severity: 'warn' | 'critical'
  readonly remediation: string
}

/** @param answer null when there was none: nothing was refused, and nothing is known. */
export function judgeProbe(probe: Probe, answer: ProbeAnswer | null): ProbeFinding {
  const { id: checkId, title } = probe
  if (answer === null) {
    const detail = 'no answer came'
    const remediation = 'ask again; where it stays so, something in between swallows it'
    return { checkId, severity: 'warn', title, detail, remediation }
  }
  const detail = `${probe.method} ${probe.path} was answered ${answer.status}`
  const fault = faultOf(probe, answer)
  return fault === null
    ? { checkId, severity: 'ok', title, detail, remediation: '' }
    : { checkId, title, detail, ...fault }
}

const critical = (remediation: string): Fault => ({ severity: 'critical', remediation })
const warn = (remediation: string): Fault => ({ severity: 'warn', remediation })

function faultOf({ id }: Probe, { status, headers, text }: ProbeAnswer): Fault | null {
  switch (id) {
    case 'outside.no_credential':
      return status === 401
        ? null
        : critical('set EDGECLAW_TOKEN; development mode lets everybody in')
    case 'outside.unknown_path':
      return status === 401 ? null : warn('a path must not tell strangers whether it exists')
    case 'outside.made_up_key':
      // 429: so many were tried that none is looked at any more.
      return status === 401 || status === 429
        ? null
        : critical('whatever answers there checks no keys: close it')
    case 'outside.foreign_origin_socket':
      if (status === 403) return null
      return status === 101
        ? warn('name the pages that may connect in EDGECLAW_ALLOWED_ORIGINS')
        : warn('an upgrade from a foreign page must be refused with 403')
    case 'outside.foreign_origin_read': {
      const allowed = headers['access-control-allow-origin']
      if (allowed === undefined) return null
      if (allowed !== '*' && allowed !== FOREIGN_ORIGIN) return null
      return headers['access-control-allow-credentials'] === 'true'
        ? critical('any page may act as whoever looks at it: set EDGECLAW_ALLOWED_ORIGINS')
        : warn('name the pages that may read in EDGECLAW_ALLOWED_ORIGINS')
    }
    case 'outside.oversize_body':
      return status === 413 ? null : warn('a body above 1 MB must be refused with 413')
    case 'outside.health_tells':
      return status === 200 && tellsOnly(text, ['status', 'protocol'])
        ? null
        : warn('health without a credential tells status and protocol alone')
    case 'outside.foreign_key':
      return [401, 403, 404].includes(status)
        ? null
        : critical('stop the gateway (edgeclaw estop kill-all) and report this')
  }
}

function tellsOnly(text: string, names: readonly string[]): boolean {
  try {
    const told: unknown = JSON.parse(text)
    return (
      typeof told === 'object' &&
      told !== null &&
      Object.keys(told).every((name) => names.includes(name))
    )
  } catch {
    return false
  }
}
