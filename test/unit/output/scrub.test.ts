import { describe, expect, it } from 'vitest'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { body, hex, jwt, pemKey, TOKENS } from './samples.ts'

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })
const scrub = (text: string): string => scrubber.scrub(text).text
const value = body(24)

describe('credentials known by their looks', () => {
  for (const [name, token] of Object.entries(TOKENS)) {
    it(`redacts ${name} alone, in prose, in quotes and after an escaped line break`, () => {
      expect(scrub(token)).toBe('[REDACTED]')
      expect(scrub(`it is ${token} and no more`)).toBe('it is [REDACTED] and no more')
      expect(scrub(`x("${token}")`)).not.toContain(token.slice(-12))
      expect(scrub(`"a\\n${token}\\nb"`)).not.toContain(token.slice(-12))
    })
  }

  it('names the kind and counts', () => {
    const { count, kinds } = scrubber.scrub(
      `${TOKENS['github']} ${TOKENS['google']} ${TOKENS['github']}`,
    )
    expect(count).toBe(3)
    expect(kinds).toEqual({ github: 2, google: 1 })
  })

  it('keeps the full stop behind a token', () => {
    expect(scrub(`Use ${TOKENS['github']}. Then go on.`)).toBe('Use [REDACTED]. Then go on.')
  })

  it('swallows a token of any length to its end', () => {
    expect(scrub(`a sk${'-'}${body(5_000)} b`)).toBe('a [REDACTED] b')
    expect(scrub(`a ${jwt}${body(5_000)} b`)).toBe('a [REDACTED] b')
  })

  it('swallows a key file in its usual wrappings, and one that was cut off', () => {
    expect(scrub(`cat id_rsa\n${pemKey}\ndone`)).toBe('cat id_rsa\n[REDACTED]\ndone')
    const inJson = JSON.stringify({ private_key: pemKey, project: 'p' })
    expect(scrub(inJson)).toBe('{"private_key":"[REDACTED]","project":"p"}')
    expect(scrub(pemKey.slice(0, 180))).toBe('[REDACTED]')
    const indented = pemKey.replaceAll('\n', '\n    ')
    expect(scrub(indented)).toBe('[REDACTED]')
  })

  it.each([
    'task-force-management-system-overview',
    'sk-this-is-a-slug-and-nothing-else-at-all',
    'a ghp_ prefix and AKIA alone',
    'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    `Look for -----BEGIN ${'PRIVATE'} KEY----- in the file and remove it.`,
    `-----BEGIN CERTIFICATE-----\n${body(64)}\n-----END CERTIFICATE-----`,
    `commit ${hex(40)}`,
    '550e8400-e29b-41d4-a716-446655440000',
    `md5 ${hex(32)}`,
    '<a href="https://example.com/a:b@c">at 12:30</a>',
  ])('keeps %j', (text) => {
    expect(scrub(text)).toBe(text)
  })
})

describe('values behind a name', () => {
  it.each([
    [`api_key = "${value}"`, 'api_key = "[REDACTED]"'],
    [`API_KEY=${value}`, 'API_KEY=[REDACTED]'],
    [`export DB_PASSWORD=hunterhunter`, 'export DB_PASSWORD=[REDACTED]'],
    [`serviceToken := \`${value}\``, 'serviceToken := `[REDACTED]`'],
    [`"authToken" => '${value}'`, `"authToken" => '[REDACTED]'`],
    [`SERVICE_TOKEN ?= ${value}`, 'SERVICE_TOKEN ?= [REDACTED]'],
    [`{\\"client_secret\\": \\"${value}\\"}`, '{\\"client_secret\\": \\"[REDACTED]\\"}'],
    [
      `System.setProperty("SERVICE_TOKEN", "${value}")`,
      'System.setProperty("SERVICE_TOKEN", "[REDACTED]")',
    ],
    [`<apiToken>\n  ${value}\n</apiToken>`, '<apiToken>\n  [REDACTED]\n</apiToken>'],
    [`tool --api-key ${value} run`, 'tool --api-key [REDACTED] run'],
    [`Authorization: Bearer ${value}`, 'Authorization: Bearer [REDACTED]'],
    [`Authorization: token ${value}`, 'Authorization: token [REDACTED]'],
    [`// API KEY = ${value}`, '// API KEY = [REDACTED]'],
    [`string accessToken = "${value}";`, 'string accessToken = "[REDACTED]";'],
    [`const apiKey =\n  "${value}"`, 'const apiKey =\n  "[REDACTED]"'],
    [`?user=a&access_token=${value}&x=1`, '?user=a&access_token=[REDACTED]&x=1'],
    [`VIRTUAL_HOST=box.example.com`, 'VIRTUAL_HOST=[REDACTED]'],
    [`password: "four words in quotes"`, 'password: "[REDACTED]"'],
    [`{"config": "TOKEN=${value}\\nNEXT=1"}`, '{"config": "TOKEN=[REDACTED]\\nNEXT=1"}'],
  ])('redacts %j', (text, expected) => {
    expect(scrub(text)).toBe(expected)
  })

  it.each([
    'password: Enter your password here',
    'the token: see below',
    'max_tokens: 4096',
    'token_count=120000',
    `password = "${'$'}{aws_db.password}"`,
    'PASSWORD=$DB_PASSWORD',
    'api_key: {{ api_key }}',
    'token = config.auth.token',
    'const token = getToken(request)',
    'f(password=password, key=key)',
    'secretName: my-secret',
    'password: null',
    'sortKey: "createdAt"',
    `publicKey: "${value}"`,
    'Primary key: id',
    'password=[REDACTED]',
    '`nmcli {{[s|secret]}}`',
    'interface Login { password: string; token: Token }',
  ])('keeps %j', (text) => {
    expect(scrub(text)).toBe(text)
  })

  it('redacts a named value where it comes again without its name', () => {
    expect(scrub(`token = '${value}' failed: GET /x/${value}/y`)).toBe(
      "token = '[REDACTED]' failed: GET /x/[REDACTED]/y",
    )
    expect(scrub(`GET /x/${value}/y`)).toContain(value)
  })
})

describe('connection strings', () => {
  it.each([
    ['postgres://app:pass@db:5432/x', 'postgres://app:[REDACTED]@db:5432/x'],
    ['mongodb+srv://u:p@ss@wo@host/x', 'mongodb+srv://u:[REDACTED]@host/x'],
    ['redis://:s3cretpw@cache/0', 'redis://:[REDACTED]@cache/0'],
    ['https://bob:r3alOne9@host/', 'https://bob:[REDACTED]@host/'],
    ["DSN='user:w0rdw0rd@tcp(10.0.0.1:3306)/a'", "DSN='[REDACTED]'"],
  ])('redacts the password of %j', (text, expected) => {
    expect(scrub(text)).toBe(expected)
  })

  it.each([
    'https://example.com:8080/path?x=a:b@c',
    'postgres://localhost:5432/x',
    `mysql://user:${'$'}{PASSWORD}@host/x`,
    'https://username:password@example.com',
    'git@github.com:owner/repo.git',
  ])('keeps %j', (text) => {
    expect(scrub(text)).toBe(text)
  })
})

describe('hostile text', () => {
  it.each([
    ['equals signs', '='],
    ['names', 'password='],
    ['open quotes', 'token="'],
    ['anchors', `sk${'-'}`],
    ['jwt starts', 'eyJ-'],
    ['key headers', `-----BEGIN ${'PRIVATE'} KEY-----\n`],
    ['almost hex', `${'a'.repeat(63)} `],
    ['urls', '://a:b'],
    ['basic', 'basic dXNlcjpw'],
    ['flags', '--token '],
    ['lone surrogates', '\ud800'],
    ['nul', '\0'],
  ])('takes linear time on %s', (_, piece) => {
    const timed = (length: number): number => {
      const text = piece.repeat(Math.ceil(length / piece.length))
      const start = performance.now()
      scrub(text)
      return performance.now() - start
    }
    timed(65_536)
    // Quadratic work would be seconds here; a busy machine is not.
    expect(timed(1_048_576)).toBeLessThan(5_000)
  })

  it('is idempotent', () => {
    const text = Object.values(TOKENS)
      .map((token) => `token = "${token}"`)
      .join('\n')
    const once = scrub(text)
    expect(scrub(once)).toBe(once)
  })
})

describe('scrubbing switched off', () => {
  it('still redacts registered values, and nothing else', () => {
    const registered = createSecretDictionary()
    registered.register('tr0ub4dor')
    const off = createScrubber({ registered, enabled: false })
    expect(off.scrub(`tr0ub4dor ${TOKENS['github']}`).text).toBe(`[REDACTED] ${TOKENS['github']}`)
  })
})

describe('code that an agent reads and writes back', () => {
  it.each([
    "return typeof this.options.apiKey === 'function'",
    "const names = ['apiKey', 'adminKey', 'workloadIdentity']",
    'credential: X509Credential | undefined;',
    'let hasApiKey = !isBearerToken;',
    'print("token=" + repr(raw))',
    'private_key: _ALLOWED_PRIVATE_KEY_TYPES,',
    'The trailer.<token>.command option',
    'let token = Token::Comma; key::value',
    "const SUBJECT_TOKEN = 'urn:ietf:params:oauth:token-type:jwt'",
    'if (a === b && token !== c) {}',
  ])('keeps %j', (text) => {
    expect(scrub(text)).toBe(text)
  })
})
