/**
 * Texts for the gates, of any length: what agents read and write all day, and what someone would send
 * to make a gate slow. Each is its piece repeated; hostile ones repeat what a gate has to look at.
 */
export interface SampleText {
  readonly name: string
  readonly piece: string
  /** Comes once, before the pieces. */
  readonly head?: string
}

export function textOf({ piece, head = '' }: SampleText, chars: number): string {
  return (head + piece.repeat(Math.ceil(chars / piece.length))).slice(0, chars)
}

export const ORDINARY_TEXTS: readonly SampleText[] = [
  {
    name: 'prose',
    piece:
      'The gateway keeps a session for every person who writes. When a token expires, the client asks ' +
      'for another one; nobody has to sign in again. Passwords are never part of a message: they are ' +
      'set in the dashboard, under “Access”, and only their hash is kept. Please ignore the old notes.\n\n',
  },
  {
    name: 'code',
    piece:
      'export async function loadUser(id: string, options: LoadOptions = {}): Promise<User | null> {\n' +
      '  const { token, timeoutMs = 5_000 } = options\n' +
      "  const response = await fetch(urlOf('users', id, { fields: 'name,email' }), { headers: { accept: 'application/json' } })\n" +
      '  if (response.status === 404) return null\n' +
      '  return parseUser(await response.json(), token ?? null)\n}\n\n',
  },
  {
    name: 'log',
    piece:
      '2026-03-01T09:12:45.118Z INFO  [worker-3] GET /v1/sessions/agent:main:ws:direct:web-1 200 14ms id=7f3e9a12\n' +
      '2026-03-01T09:12:45.390Z WARN  [worker-1] retry 2/5 for job 550e8400-e29b-41d4-a716-446655440000: timeout\n',
  },
  {
    name: 'json',
    piece:
      '{"id":48213,"name":"build","status":"ok","labels":["linux","x64"],"startedAt":"2026-03-01T09:12:45Z","steps":[{"name":"test","ms":18342,"cached":false}]},\n',
  },
  {
    name: 'shell script',
    piece:
      'for file in src/*.ts; do\n  npx tsc --noEmit "$file" && echo "ok: $file" || { echo "failed: $file"; exit 1; }\ndone\n' +
      'grep -rn "TODO" src | sort | uniq -c | head -20\ngit log --oneline -5\n',
  },
]

export const HOSTILE_TEXTS: readonly SampleText[] = [
  { name: 'names of secrets', piece: 'password= token: "secret" => api_key ' },
  { name: 'key file begun anew', piece: '-----BEGIN PRIVATE KEY-----\n' },
  { name: 'anchors', piece: 'sk-eyJghp_AKIA://x:y@' },
  { name: 'marks', piece: 'aaaa1Q~.atlasv1.-us_mmk' },
  { name: 'separators', piece: '=:=' },
  { name: 'one word', piece: 'aB3' },
  { name: 'hexadecimal', piece: '0123456789abcdef' },
  { name: 'marker begun anew', piece: 'END_EXTERNAL_UNTRUSTED_CONTEN ' },
  { name: 'look-alikes', piece: 'ＥХΤЕᏒΝＡＬ\u200b＿＜＜＜' },
  { name: 'injection words', piece: 'ignore all previous the your ' },
  { name: 'letters set apart', piece: 'i g n o r e ' },
  { name: 'base64', piece: 'aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcyA ' },
  { name: 'open brackets', piece: '(' },
  { name: 'substitutions', piece: '$(echo ' },
  { name: 'tags', piece: '<|im_start|[INST' },
  { name: 'quotes', piece: '\'"`\\' },
  { name: 'NULs', piece: '\0' },
  { name: 'half surrogates', piece: '\ud83d\udc00x' },
]
